//! Who may use the management listener, and its switches.

use palisade_testkit::{TestApp, redis_url};
use reqwest::Method;
use serde_json::json;

use super::{managed, measured};

#[tokio::test]
async fn a_web_page_gets_nothing() {
    let app = measured().await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        // DNS rebinding: the page's own name leads to the loopback address.
        ("host", "evil.example"),
        ("host", "evil.example:9090"),
        ("host", "127.0.0.1.evil.example"),
        ("host", ""),
    ] {
        for (method, path) in
            [(Method::GET, "/metrics"), (Method::POST, "/breakers/database/reset"), (Method::GET, "/build")]
        {
            let answer = app.call(method, &managed(&app, path)).header(name, value).await;
            assert!(matches!(answer.status, 400 | 403), "{name}: {value}: {} {path}", answer.status);
        }
    }
    for host in ["localhost", "127.0.0.1:1", "[::1]:9090", "LOCALHOST:80"] {
        app.get(&managed(&app, "/metrics")).header("host", host).await.expect(200);
    }
}

#[tokio::test]
async fn a_token_is_wanted_by_all_but_health() {
    let token = "0123456789abcdef-token";
    let app = TestApp::builder()
        .set("telemetry.mode", vec!["prometheus"])
        .set("management.token", token)
        .spawn()
        .await;
    for path in ["/metrics", "/build", "/log-level", "/breakers", "/nowhere"] {
        let refused = app.get(&managed(&app, path)).await.expect(401);
        assert_eq!(refused.header("www-authenticate"), "Bearer", "{path}");
        app.get(&managed(&app, path)).token("0123456789abcdef-tokeN").await.expect(401);
        app.get(&managed(&app, path)).token("").await.expect(401);
    }
    app.get(&managed(&app, "/metrics")).token(token).await.expect(200);
    for path in ["/health", "/health/ready", "/ready", "/live"] {
        app.get(&managed(&app, path)).await.expect(200);
    }
}

#[tokio::test]
async fn breakers_are_shown_and_reset() {
    let app = TestApp::builder()
        .set("telemetry.mode", vec!["prometheus"])
        .set("redis.url", redis_url())
        .spawn()
        .await;
    let shown = app.get(&managed(&app, "/breakers")).await.expect(200).json();
    assert_eq!(shown[0]["name"], "redis", "{shown}");
    assert_eq!(shown[0]["state"], "closed", "{shown}");
    app.post(&managed(&app, "/breakers/redis/reset")).await.expect(204);
    app.post(&managed(&app, "/breakers/nobody/reset")).await.expect(404);
    let seen = super::scrape(&app).await;
    assert_eq!(seen[r#"circuit_breaker_state{breaker="redis"}"#], 0.0);
    assert_eq!(seen["redis_connected"], 1.0);
}

#[tokio::test]
async fn a_program_with_logs_of_its_own_has_no_level_here() {
    let app = measured().await;
    app.get(&managed(&app, "/log-level")).await.expect(404);
    let level = json!({"level": "debug"});
    app.call(Method::PUT, &managed(&app, "/log-level")).json(&level).await.expect(404);
    let build = app.get(&managed(&app, "/build")).await.expect(200).json();
    assert_eq!(build["environment"], "test");
    // Nothing of it is on the public listener.
    for path in ["/metrics", "/build", "/log-level", "/breakers"] {
        app.get(path).await.expect(404);
    }
}
