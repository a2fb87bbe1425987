//! Time grows with the text, whoever wrote it.

use std::time::{Duration, Instant};

use palisade_telemetry::{Masker, mask};

/// The length of the shorter text, in bytes; the longer one is masked whole too.
const SIZE: usize = mask::MAX_BYTES / 32;

/// What is shorter says nothing on a machine that does something else besides.
const NOISE: Duration = Duration::from_millis(1);

fn best_of_five(mask: &Masker, text: &str) -> Duration {
    let once = || {
        let start = Instant::now();
        std::hint::black_box((mask.text(text), mask.form(text), mask.json(text)));
        start.elapsed()
    };
    (0..5).map(|_| once()).min().unwrap()
}

#[test]
fn eight_times_the_text_takes_about_eight_times_as_long() {
    let mask = Masker::default();
    for hostile in [
        "a",
        "a@",
        "@",
        "1-",
        "1 ",
        "1.",
        "11-11 ",
        "1111 ",
        "4111 1111 1111 111",
        "(",
        "((1",
        "+1",
        "sk_",
        "sk_live_",
        "eyJ",
        "eyJ.",
        "Bearer ",
        "://",
        "://a:b",
        "://:",
        "password=",
        "password:",
        "password=(",
        "password=\"\\",
        "\\\"",
        "\"=",
        "%",
        "%40",
        "%25",
        "\\u0040",
        "a%40",
        "[",
        "{\"a\":",
        "2026-11-21 ",
        "12345678-1234-",
        "1.1.1.1.",
        "5551234567.",
        "=",
        ":",
        "-",
        "_",
        "é@",
        "a=&",
        "a=%25&",
    ] {
        let once = hostile.repeat(SIZE / hostile.len());
        let eight = hostile.repeat(8 * SIZE / hostile.len());
        let grows_with_it = || best_of_five(&mask, &eight) < best_of_five(&mask, &once).max(NOISE) * 30;
        assert!((0..5).any(|_| grows_with_it()), "{hostile}");
    }
}

#[test]
fn a_text_of_a_megabyte_costs_as_much_as_what_is_kept_of_it() {
    let mask = Masker::default();
    for hostile in ["a@", "(((("] {
        let (kept, all) =
            (hostile.repeat(mask::MAX_BYTES / hostile.len()), hostile.repeat(1_048_576 / hostile.len()));
        let costs_as_much = || best_of_five(&mask, &all) < best_of_five(&mask, &kept).max(NOISE) * 8;
        assert!((0..5).any(|_| costs_as_much()), "{hostile}");
        assert!(mask.text(&all).len() < 4 * mask::MAX_BYTES);
    }
}

/// `cargo test --release -p palisade-telemetry --test it cost -- --ignored --nocapture`
#[test]
#[ignore = "prints what masking costs"]
fn cost() {
    let mask = Masker::default();
    let fields = [
        ("method", "GET"),
        ("route", "/api/v1/users/{id}"),
        ("client_ip", "203.0.113.70"),
        ("request_id", "0193a1b2-7c3d-7e4f-8a5b-0123456789ab"),
        ("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"),
    ];
    let sentence = "the connection to the server was closed before the answer to the statement had been read, trying again";
    let rounds = 1_000_000_u32;
    let per_round = |name: &str, work: &dyn Fn()| {
        let start = Instant::now();
        (0..rounds).for_each(|_| work());
        println!("{name}: {:?}", start.elapsed() / rounds);
    };
    for (name, value) in fields {
        per_round(name, &|| {
            drop(std::hint::black_box(mask.value(std::hint::black_box(name), std::hint::black_box(value))))
        });
    }
    per_round("five ordinary values", &|| {
        for (name, value) in std::hint::black_box(fields) {
            std::hint::black_box(mask.value(name, value));
        }
    });
    per_round("a name of one's own", &|| {
        drop(std::hint::black_box(mask.value(std::hint::black_box("listener_name"), "api")))
    });
    per_round("103 bytes of prose", &|| {
        drop(std::hint::black_box(mask.text(std::hint::black_box(sentence))))
    });
    for hostile in ["1-1-", "11-11-", "1111 ", "a@", "password", "((((", "%40"] {
        let text = hostile.repeat(8_192 / hostile.len());
        let start = Instant::now();
        (0..100).for_each(|_| drop(std::hint::black_box(mask.text(&text))));
        println!("8 KiB of `{hostile}`: {:?}", start.elapsed() / 100);
    }
    per_round("an address", &|| {
        drop(std::hint::black_box(mask.text(std::hint::black_box("ulla@example.com"))))
    });
}
