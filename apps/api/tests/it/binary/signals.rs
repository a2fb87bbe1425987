//! The signals that do not stop the program.

use std::fs;

use nix::sys::signal::Signal;
use palisade_testkit::mmdb::Mmdb;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};

use super::harness::{Running, Setup};

/// What is logged at present.
async fn level(running: &Running) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/log-level", running.management);
    let answer: Value = client.get(url).send().await.unwrap().json().await.unwrap();
    answer["level"].clone()
}

async fn set_level(running: &Running, level: &str) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/log-level", running.management);
    let answer = client.put(url).json(&json!({"level": level})).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

/// The lines of the log with that message.
fn lines(running: &Running, message: &str) -> Vec<Value> {
    running.log().into_iter().filter(|line| line["message"] == message).collect()
}

/// Sends SIGHUP and waits for a further line with that message.
async fn reload(running: &Running, message: &str) -> Value {
    let before = lines(running, message).len();
    running.signal(Signal::SIGHUP);
    running.logged_after(before, message).await
}

#[tokio::test]
async fn signals_without_a_meaning_are_logged_and_end_nothing() {
    let running = Setup::new().start().await;
    for signal in [Signal::SIGUSR1, Signal::SIGUSR2] {
        running.signal(signal);
        running
            .logged(|line| line["message"] == "server.signal_ignored" && line["signal"] == signal.as_str())
            .await;
    }
    running.signal(Signal::SIGPIPE);
    assert_eq!(level(&running).await, "info", "it still answers");
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0);
}

#[tokio::test]
async fn a_hangup_puts_the_level_of_the_settings_in_force_and_names_what_needs_a_restart() {
    let setup = Setup::new()
        .file(".env", "LOG_LEVEL=info\n")
        .file("secret", "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue")
        .set("AUTH_JWT_SECRET_FILE", "secret");
    let running = setup.start().await;
    let unchanged = reload(&running, "config.reloaded").await;
    assert_eq!(unchanged.get("needs_restart"), None, "{unchanged}");

    let secret = "u8Rw2yTq6NzX4cVb9MaS7dFg1HjK3lPe";
    let setup = setup.file("secret", secret);
    let setup = setup.file(".env", "LOG_LEVEL=debug\nSERVER_KEEP_ALIVE_SECONDS=7\n");
    let line = reload(&running, "config.reloaded").await;
    assert_eq!(line["needs_restart"], "auth.jwt_secret, server.keep_alive_seconds");
    assert_eq!(level(&running).await, "debug");
    let change = lines(&running, "log.level_changed").pop().unwrap();
    assert_eq!((&change["before"], &change["after"]), (&json!("info"), &json!("debug")));

    set_level(&running, "info,palisade_auth=trace").await;
    reload(&running, "config.reloaded").await;
    assert_eq!(level(&running).await, "debug", "the settings win over what was set at run time");

    let _setup = setup.file(".env", "LOG_LEVEL=loud,\nSERVER_PORT=many\n");
    let failure = reload(&running, "config.reload_failed").await.to_string();
    assert!(failure.contains("LOG_LEVEL") && failure.contains("SERVER_PORT"), "{failure}");
    assert_eq!(level(&running).await, "debug", "the old ones stay in force");
    assert!(!running.log().iter().any(|line| line.to_string().contains(secret)));
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0);
}

#[tokio::test]
async fn a_hangup_has_certificates_and_countries_read_at_once() {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let setup = Setup::new().file("tls.crt", &cert.pem()).file("tls.key", &signing_key.serialize_pem());
    let countries = || Mmdb::ipv6().country("203.0.113.0/24", "DE").build();
    fs::write(setup.folder().join("countries.mmdb"), countries()).unwrap();
    let setup = setup
        .set("SERVER_TLS_CERT", "tls.crt")
        .set("SERVER_TLS_KEY", "tls.key")
        .set("GEOIP_DATABASE_PATH", "countries.mmdb");
    let running = setup.start().await;
    // Nothing has changed: only the signal makes it read them.
    reload(&running, "server.tls_reloaded").await;
    running.logged(|line| line["message"] == "geoip.reloaded").await;
    running.logged(|line| line["message"] == "config.reloaded").await;

    fs::write(setup.folder().join("tls.key"), "no key").unwrap();
    fs::write(setup.folder().join("countries.mmdb"), "no database").unwrap();
    reload(&running, "config.reloaded").await;
    for message in ["server.tls_reload_failed", "geoip.reload_failed"] {
        assert_eq!(lines(&running, message).len(), 1, "{message}");
    }
    let client = reqwest::Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).build().unwrap();
    let url = format!("https://{}/ready", running.api);
    assert_eq!(client.get(url).send().await.unwrap().status(), 200, "the old ones stay in use");
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0);
}

#[tokio::test]
async fn hangups_during_the_stop_and_in_bursts_do_no_harm() {
    let running = Setup::new().set("SERVER_DRAIN_DELAY_SECONDS", "2").start().await;
    for _ in 0..200 {
        running.signal(Signal::SIGHUP);
    }
    running.logged(|line| line["message"] == "config.reloaded").await;
    running.signal(Signal::SIGTERM);
    running.logged(|line| line["message"] == "server.stopping").await;
    running.signal(Signal::SIGHUP);
    running.logged(|line| line["message"] == "server.signal_ignored" && line["signal"] == "SIGHUP").await;
    let ended = running.ended().await.expect(0);
    assert!(ended.stdout.matches("config.reloaded").count() < 200, "a burst is coalesced");
}
