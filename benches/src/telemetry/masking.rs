//! How the time that masking takes grows with the text, for texts that are made to be slow.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use palisade_telemetry::{Masker, mask};

/// The length of the shorter text, in bytes. The longer one is masked whole too.
const SIZE: usize = mask::MAX_BYTES / 32;
/// How much longer the longer text is.
const TIMES: usize = 8;
const ROUNDS: usize = 5;

const HOSTILE: &[&str] = &[
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
];

/// Prints how many times as long the worst text takes when it is eight times as long, and when it is a megabyte, of
/// which only the beginning is kept.
pub(crate) fn print_growth() {
    let masker = Masker::default();
    let worst = |short: usize, long: usize| {
        let growth = |text: &&'static str| {
            let best = |length: usize| best(&masker, &text.repeat(length / text.len())).as_secs_f64();
            (*text, best(long) / best(short))
        };
        HOSTILE.iter().map(growth).max_by(|one, other| one.1.total_cmp(&other.1)).unwrap_or_default()
    };
    for (name, (text, times)) in [
        ("a hostile text of eight times the length", worst(SIZE, TIMES * SIZE)),
        ("a hostile text of a megabyte, of what is kept of it", worst(mask::MAX_BYTES, 1_048_576)),
    ] {
        println!(r#"{{"growth":"{name}","times":{times:.1},"worst":{text:?}}}"#);
    }
}

fn best(masker: &Masker, text: &str) -> Duration {
    let once = || {
        let begun = Instant::now();
        black_box((masker.text(text), masker.form(text), masker.json(text)));
        begun.elapsed()
    };
    (0..ROUNDS).map(|_| once()).min().unwrap_or_default()
}
