//! What happens when Sentry does not take what it gets.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use palisade_telemetry::sentry::MOST_A_MINUTE;
use tracing::{Event, Subscriber, field::Visit};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

use super::{LIMIT, losses, server::Server, start, with};

fn fail(times: std::ops::Range<u32>) {
    times.for_each(|time| tracing::error!(code = time, "failed"));
}

#[test]
fn who_logs_never_waits_for_a_server_that_hangs() {
    // Connections are accepted by the system, and nobody ever answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let sentry = start(&listener.local_addr().unwrap().to_string());
    // Were one of them to wait for the server, this would never end.
    with(&sentry, || {
        (0..100).for_each(|_| fail(0..100));
    });
    // 100 kinds of which 20 each get past the bound; 100 wait and at most one is on its way.
    let (_, dropped) = losses(&sentry);
    assert!((9_899.0..=9_900.0).contains(&dropped), "{dropped}");
    assert!(!sentry.close(Duration::from_millis(100)), "it gives up");
    let (_, dropped) = losses(&sentry);
    assert!(dropped >= 9_999.0, "{dropped}");
}

#[test]
fn a_server_that_is_gone_costs_the_event_and_is_counted() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let sentry = start(&address);
    with(&sentry, || fail(0..3));
    assert!(sentry.close(LIMIT), "there is nothing left to send");
    assert_eq!(losses(&sentry), (3.0, 3.0));
}

#[test]
fn a_refusal_for_being_too_many_makes_a_pause() {
    for (status, headers, failures) in [
        ("429 Too Many Requests", "retry-after: 60\r\n", 1.0),
        ("429 Too Many Requests", "", 1.0),
        ("429 Too Many Requests", "x-sentry-rate-limits: 60:error:project\r\n", 1.0),
        ("200 OK", "x-sentry-rate-limits: 60::organization\r\n", 0.0),
    ] {
        let server = Server::start(status, headers);
        let sentry = start(&server.address);
        with(&sentry, || fail(0..5));
        assert!(sentry.close(LIMIT));
        assert_eq!(server.rest().len(), 1, "{status} {headers}");
        assert_eq!(losses(&sentry), (failures, 4.0 + failures), "{status} {headers}");
    }
}

#[test]
fn what_waits_is_sent_at_the_end_and_what_comes_later_is_counted() {
    let server = Server::start("200 OK", "");
    let sentry = start(&server.address);
    with(&sentry, || {
        fail(0..50);
        assert!(sentry.close(LIMIT));
        assert_eq!(server.rest().len(), 50);
        fail(0..3);
    });
    assert_eq!(losses(&sentry), (0.0, 3.0));
}

#[test]
fn its_thread_ends_with_the_last_of_its_handles() {
    let server = Server::start("200 OK", "");
    let sentry = start(&server.address);
    with(&sentry.clone(), || fail(0..3));
    drop(sentry);
    (0..3).for_each(|_| drop(server.next()));
}

#[test]
fn of_what_repeats_itself_so_many_are_sent() {
    let server = Server::start("200 OK", "");
    let sentry = start(&server.address);
    with(&sentry, || {
        for time in 0..100 {
            tracing::error!(code = "internal", route = "/a", time, "failed");
        }
        tracing::error!(code = "internal", route = "/b", "failed");
    });
    assert!(sentry.close(LIMIT));
    assert_eq!(server.rest().len(), MOST_A_MINUTE as usize + 1);
    assert_eq!(losses(&sentry), (0.0, 80.0));
}

#[test]
fn a_share_is_sent() {
    let server = Server::start("200 OK", "");
    let settings = super::settings(&format!("http://key@{}/1", server.address), 0.25);
    let sentry = super::start_with(&settings, "test");
    with(&sentry, || fail(0..80));
    assert!(sentry.close(LIMIT));
    assert!(server.rest().len().abs_diff(20) <= 2);
    assert_eq!(losses(&sentry), (0.0, 0.0), "what is not picked is not lost");
}

/// The level, message and `signal` of each event, whichever thread logs it; and of each warning makes an error.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Told {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        struct Text(String);
        impl Visit for Text {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                if ["signal", "message"].contains(&field.name()) {
                    self.0 += &format!(" {value:?}");
                }
            }
        }
        let mut text = Text(event.metadata().level().to_string());
        event.record(&mut text);
        if text.0.starts_with("WARN") {
            tracing::error!(target: "echo", "{}", text.0);
        }
        self.0.lock().unwrap().push(text.0);
    }
}

/// The one test that takes the events of all threads.
#[test]
fn a_loss_is_told_once_and_is_no_loss_itself() {
    const BROKEN: (&str, &str) = ("500 Internal Server Error", "");
    let server = Server::answering(&[BROKEN, BROKEN, ("200 OK", ""), BROKEN], ("200 OK", ""));
    let (told, sentry) = (Told::default(), start(&server.address));
    let only_ours =
        tracing_subscriber::filter::filter_fn(|metadata| metadata.target().starts_with("palisade"));
    let subscriber =
        tracing_subscriber::registry().with(sentry.layer()).with(told.clone().with_filter(only_ours));
    tracing::subscriber::set_global_default(subscriber).unwrap();
    fail(0..6);
    assert!(sentry.close(LIMIT));
    assert_eq!(server.rest().len(), 6, "none is sent twice, and no error of the thread that sends");
    let told = told.0.lock().unwrap().join("\n");
    let (failed, recovered) =
        ("WARN telemetry.export_failed \"sentry\"", "INFO telemetry.export_recovered \"sentry\"");
    assert_eq!(told, [failed, recovered, failed, recovered].join("\n"));
    assert_eq!(losses(&sentry), (3.0, 3.0));
}
