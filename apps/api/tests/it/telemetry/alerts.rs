//! Security alerts, to a webhook that checks who tells.

use std::time::Duration;

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use palisade_core::{Clock as _, SystemClock};
use palisade_testkit::{Inbox, Letter, TestApp, TestAppBuilder, wait};
use serde_json::{Value, json};

use super::scrape;

const PATIENCE: Duration = wait::PATIENCE;

fn alerting(inbox: &Inbox) -> TestAppBuilder {
    TestApp::builder()
        .set("telemetry.mode", vec!["prometheus"])
        .set("security.alert_webhook_url", inbox.url("/hook?x=1"))
        .set("security.alert_webhook_secret", format!("whsec_{}", BASE64_STANDARD.encode("the secret")))
        .set("security.alert_auth_failure_threshold", 3)
        .set("retry.base_delay_ms", 10)
}

/// The same, told of both kinds.
fn alerting_of_limits(inbox: &Inbox) -> TestAppBuilder {
    alerting(inbox)
        .set("rate_limit.enabled", true)
        .set("rate_limit.requests", 5)
        .set("rate_limit.burst", 0)
        .set("security.alert_rate_limit_threshold", 4)
}

async fn be_refused(app: &TestApp) {
    for _ in 0..20 {
        app.get("/api/v1/users/me").await;
    }
}

async fn fail(app: &TestApp, times: usize) {
    for _ in 0..times {
        app.get("/api/v1/users/me").token("forged").await.expect(401);
    }
}

fn is_genuine(letter: &Letter) -> bool {
    let signed = format!(
        "{}.{}.{}",
        letter.header("webhook-id"),
        letter.header("webhook-timestamp"),
        String::from_utf8_lossy(&letter.body)
    );
    let signature = hmac::sign(&Key::new(HMAC_SHA256, b"the secret"), signed.as_bytes());
    letter.header("webhook-signature") == format!("v1,{}", BASE64_STANDARD.encode(signature))
}

#[tokio::test]
async fn a_threshold_is_told_once_and_signed() {
    let inbox = Inbox::open().unwrap();
    let app = alerting(&inbox).spawn().await;
    fail(&app, 2).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(inbox.letters().is_empty());
    fail(&app, 9).await;
    let letter = inbox.wait_for(PATIENCE, |_| true).await.expect("an alert");
    assert_eq!((letter.method.as_str(), letter.target.as_str()), ("POST", "/hook?x=1"));
    assert!(is_genuine(&letter), "{letter:?}");
    let body: Value = serde_json::from_slice(&letter.body).unwrap();
    assert_eq!(body["type"], "security.alert");
    assert_eq!(body["data"]["kind"], "auth_failure");
    assert_eq!(body["data"]["threshold"], 3);
    assert_eq!(body["data"]["reason"], "token_invalid");
    assert_eq!(body["data"]["environment"], "test");
    let age = SystemClock.now().timestamp() - letter.header("webhook-timestamp").parse::<i64>().unwrap();
    assert!((0..60).contains(&age), "{age}");
    let sent = r#"security_alerts_total{kind="auth_failure",outcome="sent"}"#;
    wait::until("it is counted as sent", async || scrape(&app).await.get(sent) == Some(&1.0)).await;
    assert_eq!(inbox.letters().len(), 1, "once a window");
    let seen = scrape(&app).await;
    assert_eq!(seen[r#"external_service_calls_total{service="alert-webhook",outcome="success"}"#], 1.0);
    assert_eq!(seen[r#"external_service_up{service="alert-webhook"}"#], 1.0);
    assert_eq!(seen[r#"circuit_breaker_state{breaker="alert-webhook"}"#], 0.0);
}

#[tokio::test]
async fn a_webhook_that_fails_is_tried_again_under_the_same_id() {
    let inbox = Inbox::open().unwrap();
    inbox.answer(503, &[]);
    let app = alerting(&inbox).set("retry.max_attempts", 3).spawn().await;
    fail(&app, 3).await;
    inbox.wait_for(PATIENCE, |_| inbox.letters().len() == 3).await.expect("three attempts");
    let letters = inbox.letters();
    assert!(letters.iter().all(|letter| letter.header("webhook-id") == letters[0].header("webhook-id")));
    let failed = r#"security_alerts_total{kind="auth_failure",outcome="failed"}"#;
    wait::until("it is counted as failed", async || scrape(&app).await.get(failed) == Some(&1.0)).await;
    app.get("/health").await.expect(200);
}

#[tokio::test]
async fn refusals_by_limits_are_watched_too() {
    let inbox = Inbox::open().unwrap();
    let app = alerting_of_limits(&inbox).spawn().await;
    be_refused(&app).await;
    let letter = inbox.wait_for(PATIENCE, |_| true).await.expect("an alert");
    let body: Value = serde_json::from_slice(&letter.body).unwrap();
    assert_eq!(body["data"]["kind"], json!("rate_limit"), "{body}");
    assert_eq!(body["data"]["policy"], "api", "{body}");
    let seen = scrape(&app).await;
    assert!(seen[r#"rate_limit_hits_total{rule="api"}"#] >= 4.0, "{seen:#?}");
}

/// The server ends while one alert is on its way and another waits.
#[tokio::test]
async fn what_waits_is_told_before_the_server_ends() {
    let inbox = Inbox::open().unwrap();
    inbox.hang(true);
    let app = alerting_of_limits(&inbox).spawn().await;
    fail(&app, 3).await;
    inbox.wait_for(PATIENCE, |_| true).await.expect("the first is on its way");
    be_refused(&app).await;
    let ending = tokio::task::spawn_blocking(move || app.stop());
    tokio::time::sleep(Duration::from_millis(300)).await;
    inbox.hang(false);
    ending.await.unwrap();
    let told = inbox
        .letters()
        .iter()
        .map(|letter| serde_json::from_slice(&letter.body).unwrap())
        .collect::<Vec<Value>>();
    let kinds: Vec<_> = told.iter().map(|body| &body["data"]["kind"]).collect();
    assert_eq!(kinds, ["auth_failure", "rate_limit"]);
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_at_the_start() {
    for url in ["ftp://a.example", "not an address", "https://user:word@a.example/"] {
        let refused = TestApp::builder().set("security.alert_webhook_url", url).try_spawn().await;
        let problem = refused.expect_err("it does not start");
        assert!(problem.contains("alert_webhook_url") || problem.contains("ALERT_WEBHOOK_URL"), "{problem}");
        assert!(!problem.contains("word"), "{problem}");
    }
}
