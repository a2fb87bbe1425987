//! Which events become lines.

use palisade_core::Environment;
use palisade_telemetry::{Logs, Settings, tracer::TARGET};
use tracing::{Subscriber as _, subscriber::Interest};

use crate::capture::lines;

fn speak() {
    tracing::error!("error");
    tracing::info!("info");
    tracing::debug!("debug");
    tracing::debug!(target: "palisade_auth::tokens", "auth");
}

#[test]
fn the_level_changes_at_run_time() {
    let lines = lines(|logs| {
        speak();
        for level in ["off", "warn,palisade_auth=debug", "debug"] {
            logs.set_level(level).unwrap();
            assert_eq!(logs.level(), level);
            tracing::error!(level, "now");
            speak();
        }
    });
    let messages: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
    let (default, narrow, all) =
        (["error", "info"], ["now", "error", "auth"], ["now", "error", "info", "debug", "auth"]);
    assert_eq!(messages, [&default[..], &narrow, &all].concat());
}

#[test]
fn a_wrong_level_changes_nothing() {
    let lines = lines(|logs| {
        assert!(logs.set_level("verbose").is_err());
        assert_eq!(logs.level(), "info");
        speak();
    });
    assert_eq!(lines.len(), 2);
}

#[test]
fn the_frameworks_own_noise_is_left_out() {
    let lines = lines(|_| {
        tracing::info!(target: "actix_server::builder", "starting 2 workers");
        tracing::error!(target: "actix_http::h1::dispatcher", "stream error");
        tracing::warn!(target: "actix_server::accept", "kept");
    });
    assert_eq!(lines.len(), 1);
}

/// Whatever is asked once and never again costs nothing.
#[test]
fn what_nobody_wants_is_not_even_made() {
    let (subscriber, _logs) =
        Logs::to_writer(&Settings::default(), Environment::Production, false, std::io::sink()).unwrap();
    // One that takes everything tells what there is to take.
    let _greedy = tracing::subscriber::set_default(tracing_subscriber::registry());
    let interest =
        |span: tracing::Span| -> Interest { subscriber.register_callsite(span.metadata().unwrap()) };
    assert!(interest(tracing::debug_span!("too detailed")).is_never());
    assert!(interest(tracing::info_span!(target: TARGET, "of a trace")).is_never());
    assert!(interest(tracing::info_span!("of a line")).is_always());
}
