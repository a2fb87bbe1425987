//! Which other origins may call.

use palisade_testkit::{Call, TestApp, TestResponse};
use reqwest::Method;
use serde_json::json;

const OURS: &str = "https://app.example.com";
const FOREIGN: &str = "https://evil.example";

async fn app() -> TestApp {
    TestApp::builder().set("cors.origins", json!([OURS])).spawn().await
}

fn preflight(app: &TestApp, target: &str, origin: &str) -> Call {
    let call = app.call(Method::OPTIONS, target).header("origin", origin);
    call.header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization")
}

fn permits(answer: &TestResponse) -> bool {
    answer.headers.keys().any(|name| name.as_str().starts_with("access-control-"))
}

#[tokio::test]
async fn an_allowed_origin_may_read_successes_and_errors_alike() {
    let app = app().await;
    let ann = app.register("ann").await;
    let me = app.get("/api/v1/users/me").token(&ann.access_token).await.expect(200);
    for (call, status) in [
        (app.get("/api/v1/users/me").token(&ann.access_token), 200),
        (
            app.get("/api/v1/users/me").token(&ann.access_token).header("if-none-match", me.header("etag")),
            304,
        ),
        (app.get("/api/v1/users/me"), 401),
        (app.get("/api/v1/users").token(&ann.access_token), 403),
        (app.get("/nowhere"), 404),
        (app.post("/api/v1/auth/login").json(&json!({})), 422),
        (app.get("/health").header("host", "a/b"), 400),
    ] {
        let answer = call.header("origin", OURS).await.expect(status);
        assert_eq!(answer.header("access-control-allow-origin"), OURS, "{status}");
        assert_eq!(answer.header("access-control-allow-credentials"), "true", "{status}");
        assert!(answer.header("access-control-expose-headers").contains("x-request-id"), "{status}");
    }
}

#[tokio::test]
async fn a_preflight_needs_no_token_and_tells_of_no_route() {
    let app = app().await;
    let names = |answer: &TestResponse| {
        let mut names: Vec<_> = answer.headers.iter().map(|(name, _)| name.to_string()).collect();
        names.sort();
        names
    };
    let known = preflight(&app, "/api/v1/users/me", OURS).await.expect(204);
    assert_eq!(known.header("access-control-allow-origin"), OURS);
    assert!(known.header("access-control-allow-methods").contains("PATCH"));
    assert!(known.header("access-control-allow-headers").contains("authorization"));
    let unknown = preflight(&app, "/api/v1/nowhere", OURS).await.expect(204);
    assert_eq!(names(&known), names(&unknown));
}

#[tokio::test]
async fn nobody_else_gets_a_permission() {
    let (app, closed) = (app().await, TestApp::spawn().await);
    for target in ["/health", "/api/v1/users/me", "/nowhere"] {
        for origin in [FOREIGN, "null", "https://app.example.com.evil.example"] {
            assert!(!permits(&app.get(target).header("origin", origin).await), "{target} {origin}");
            assert!(!permits(&preflight(&app, target, origin).await), "{target} {origin}");
        }
        assert!(!permits(&closed.get(target).header("origin", OURS).await), "{target}");
        assert!(!permits(&preflight(&closed, target, OURS).await), "{target}");
    }
}
