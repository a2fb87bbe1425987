//! What every response tells browsers.

use palisade_testkit::{TestApp, TestResponse};
use reqwest::Method;
use serde_json::json;

const SET: [&str; 9] = [
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "x-xss-protection",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "cache-control",
    "content-security-policy",
];

fn assert_complete(answer: &TestResponse) {
    for name in SET {
        let count = answer.headers.get_all(name).iter().count();
        assert_eq!(count, 1, "{name} of {} {}", answer.request, answer.status);
    }
    assert!(answer.headers.get_all("vary").iter().count() <= 1, "{} {:?}", answer.request, answer.headers);
    assert!(!answer.headers.contains_key("server"), "{}", answer.request);
    assert!(!answer.headers.contains_key("strict-transport-security"), "{}", answer.request);
}

#[tokio::test]
async fn every_answer_has_the_whole_set_once() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    for (target, status) in [
        ("/", 200),
        ("/health", 200),
        ("/api/v1/health", 200),
        ("/openapi.json", 200),
        ("/docs", 200),
        ("/redoc", 200),
        ("/errors", 200),
        ("/errors/not-found", 200),
        (app.first_admin().unwrap(), 200),
        ("/nowhere", 404),
        ("/docs/nowhere", 404),
        ("/api/v1/users", 401),
        ("/api/v1/%zz", 400),
        ("/%00", 400),
    ] {
        assert_complete(&app.get(target).await.expect(status));
    }
    let me = app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    assert_complete(&me);
    let held =
        app.get("/api/v1/users/me").token(&ann.access_token).header("if-none-match", me.header("etag"));
    assert_complete(&held.await.expect(304));
    assert_complete(&app.post("/api/v1/auth/logout").token(&ann.access_token).await.expect(204));
    assert_complete(&app.call(Method::HEAD, "/health").await.expect(200));
    for document in ["/openapi.json", "/errors", "/docs"] {
        assert_complete(&app.get(document).header("accept-encoding", "gzip").await.expect(200));
    }
    assert_complete(&app.call(Method::PUT, "/health").await.expect(405));
    assert_complete(&app.post("/api/v1/auth/login").body("text/x", "x").await.expect(415));
}

#[tokio::test]
async fn an_answer_below_the_application_has_it_too() {
    let app = TestApp::spawn().await;
    for (request, status) in [
        ("garbage\r\n\r\n".to_owned(), 400),
        ("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(), 400),
        (format!("GET /health HTTP/1.1\r\nHost: a\r\nX-Big: {}\r\n\r\n", "a".repeat(200_000)), 431),
    ] {
        let answer = TestResponse::from_raw(&app.raw(request).await).unwrap();
        assert_complete(&answer.expect(status));
    }
}

#[tokio::test]
async fn only_the_pages_that_we_serve_have_a_policy_of_their_own() {
    let app = TestApp::spawn().await;
    let strict = app.get("/health").await.header("content-security-policy").to_owned();
    assert!(strict.contains("default-src 'none'") && !strict.contains("script-src"), "{strict}");
    for target in ["/docs", "/redoc"] {
        let policy = app.get(target).await.header("content-security-policy").to_owned();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe-eval"), "{policy}");
    }
    for target in ["/errors", "/errors/conflict", app.first_admin().unwrap()] {
        let policy = app.get(target).await.header("content-security-policy").to_owned();
        assert!(policy.contains("style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        assert!(!policy.contains("script-src"), "{policy}");
    }
    for target in ["/nowhere", "/docs/nowhere", "/openapi.json", "/errors/nowhere"] {
        assert_eq!(app.get(target).await.header("content-security-policy"), strict, "{target}");
    }
}

#[tokio::test]
async fn hsts_goes_to_clients_that_speak_https_to_a_trusted_proxy() {
    let proxies = json!(["127.0.0.1"]);
    let builder = TestApp::builder().set("security.trusted_proxies", proxies);
    let app = builder.set("security.enable_hsts", true).spawn().await;
    for target in ["/health", "/nowhere"] {
        let https = app.get(target).header("x-forwarded-proto", "https").await;
        assert!(https.header("strict-transport-security").starts_with("max-age="), "{target}");
        for call in [app.get(target), app.get(target).header("x-forwarded-proto", "http")] {
            assert!(!call.await.headers.contains_key("strict-transport-security"), "{target}");
        }
    }
    let app = TestApp::builder().set("security.enable_hsts", true).spawn().await;
    let forged = app.get("/health").header("x-forwarded-proto", "https").await;
    assert!(!forged.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn the_policy_and_the_layer_follow_the_settings() {
    let own = "default-src 'self'";
    let app = TestApp::builder().set("security.csp_policy", own).spawn().await;
    assert_eq!(app.get("/health").await.header("content-security-policy"), own);
    let app = TestApp::builder().set("security.enable_csp", false).spawn().await;
    let answer = app.get("/health").await;
    assert!(!answer.headers.contains_key("content-security-policy"));
    assert_eq!(answer.header("x-frame-options"), "DENY");
    let app = TestApp::builder().set("layers.security_headers", false).spawn().await;
    assert!(!app.get("/health").await.headers.contains_key("x-frame-options"));
}
