//! Which events become lines.

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
