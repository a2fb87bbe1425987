//! Errors at Sentry.

use nix::sys::signal::Signal;
use palisade_testkit::{Inbox, wait::PATIENCE};

use super::dsn;
use crate::binary::harness::Setup;

/// A server whose first failed sign-in is an alert.
fn alerting(sentry: &Inbox, webhook: &Inbox) -> Setup {
    Setup::new()
        .set("SENTRY_DSN", dsn(sentry))
        .set("SECURITY_ALERT_WEBHOOK_URL", webhook.url("/hook"))
        .set("SECURITY_ALERT_AUTH_FAILURE_THRESHOLD", "1")
}

/// An alert is an error; who watches Sentry gets to know of it, beside the webhook.
#[tokio::test]
async fn what_is_critical_reaches_sentry_with_its_request() {
    let (sentry, webhook) = (Inbox::open().unwrap(), Inbox::open().unwrap());
    let running = alerting(&sentry, &webhook).start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let forged = client.get(running.url("/api/v1/users/me")).bearer_auth("forged");
    assert_eq!(forged.header("x-request-id", "the-one").send().await.unwrap().status(), 401);
    let letter = sentry.wait_for(PATIENCE, |_| true).await.expect("an event");
    assert_eq!(letter.target, "/api/7/envelope/");
    assert!(letter.header("x-sentry-auth").contains("sentry_key=0123456789abcdef"), "{letter:?}");
    let text = String::from_utf8_lossy(&letter.body).into_owned();
    for wanted in ["security.alert", "auth_failure", "the-one", "\"environment\":\"local\"", "\"fatal\""] {
        assert!(text.contains(wanted), "no {wanted} in {text}");
    }
    webhook.wait_for(PATIENCE, |letter| letter.target == "/hook").await.expect("an alert");
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0);
}

#[tokio::test]
async fn a_sentry_that_hangs_delays_no_request_and_not_the_end() {
    let sentry = Inbox::open().unwrap();
    sentry.hang(true);
    let running = alerting(&sentry, &sentry).start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for _ in 0..50 {
        let forged = client.get(running.url("/api/v1/users/me")).bearer_auth("forged");
        assert_eq!(forged.send().await.unwrap().status(), 401);
    }
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0);
}
