//! The order of the layers, read from its effects: a request that offends two of them is answered by the outer one,
//! and every answer bears what the layers outside of the refusing one put on it.

use palisade_testkit::{TestApp, TestResponse};
use serde_json::json;

const ORIGIN: &str = "https://app.example.com";
const ME: &str = "/api/v1/users/me";

/// A server with every layer on and room for so many requests an hour.
async fn server(requests: u32) -> TestApp {
    TestApp::builder()
        .set("security.allowed_hosts", json!(["127.0.0.1"]))
        .set("cors.origins", json!([ORIGIN]))
        .set("rate_limit.enabled", true)
        .set("rate_limit.requests", requests)
        .set("rate_limit.window_seconds", 3_600)
        .set("rate_limit.per_hour", 0)
        .set("rate_limit.burst", 0)
        .spawn()
        .await
}

/// A request as it stands, so that nothing about it is made better on its way.
async fn ask(app: &TestApp, line: &str, headers: &[(&str, &str)], body: &str) -> TestResponse {
    let host = headers.iter().find(|(name, _)| *name == "host").map_or("127.0.0.1", |(_, host)| *host);
    let others: String = headers
        .iter()
        .filter(|(name, _)| *name != "host")
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let request = format!("{line} HTTP/1.1\r\nhost: {host}\r\n{others}connection: close\r\n\r\n{body}");
    TestResponse::from_raw(&app.raw(request).await).expect("an answer")
}

/// What is wrong, the request's line, its headers, and the status it gets.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], u16);

fn message(answer: &TestResponse) -> String {
    answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
}

/// What the layers around everything that refuses put on an answer.
fn assert_told(answer: &TestResponse, what: &str) {
    for header in ["x-request-id", "x-process-time", "x-content-type-options", "content-security-policy"] {
        assert_ne!(answer.header(header), "", "{what} without {header}: {:?}", answer.headers);
    }
}

#[tokio::test]
async fn every_refusal_bears_what_the_layers_around_it_say() {
    let app = server(1_000).await;
    let large = "9".repeat(8);
    let json = ("content-type", "application/json");
    let cases: [Case<'_>; 9] = [
        ("an unknown host", "GET /health", &[("host", "elsewhere.example.com")], 400),
        ("a preflight", "OPTIONS /health", &[("access-control-request-method", "GET")], 204),
        ("a NUL", "GET /health%00", &[], 400),
        (
            "a type that is not taken",
            "POST /api/v1/auth/login",
            &[("content-type", "text/css"), ("content-length", "1")],
            415,
        ),
        ("a body over the limit", "POST /api/v1/auth/login", &[json, ("content-length", &large)], 413),
        (
            "an unknown coding",
            "POST /api/v1/auth/login",
            &[json, ("content-encoding", "rot13"), ("content-length", "1")],
            415,
        ),
        ("no token", "GET /api/v1/users/me", &[], 401),
        ("no such route", "GET /nowhere", &[], 404),
        ("another method", "DELETE /health", &[], 405),
    ];
    for (what, line, headers, status) in cases {
        let headers: Vec<_> = headers.iter().copied().chain([("origin", ORIGIN)]).collect();
        let answer = ask(&app, line, &headers, "").await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        assert_told(&answer, what);
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{what}");
        if status != 204 {
            assert_eq!(answer.json()["error"]["request_id"], answer.header("x-request-id"), "{what}");
        }
    }
}

#[tokio::test]
async fn whoever_names_another_host_learns_nothing_else() {
    let app = server(1_000).await;
    let elsewhere = ("host", "elsewhere.example.com");
    let alone = message(&ask(&app, "GET /health", &[elsewhere], "").await);
    for line in ["GET /health%00", "GET //health", "OPTIONS /health", "GET /api/v1/users/me", "GET /nowhere"]
    {
        let headers = [elsewhere, ("origin", ORIGIN), ("access-control-request-method", "GET")];
        let answer = ask(&app, line, &headers, "").await;
        assert_eq!((answer.status, message(&answer)), (400, alone.clone()), "{line}");
    }
}

#[tokio::test]
async fn a_preflight_needs_no_token_and_counts_against_nothing() {
    let app = server(1).await;
    for _ in 0..3 {
        let headers = [("origin", ORIGIN), ("access-control-request-method", "PATCH")];
        let answer = ask(&app, &format!("OPTIONS {ME}"), &headers, "").await;
        assert_eq!(answer.status, 204, "{answer:?}");
        assert_eq!(answer.header("x-ratelimit-remaining"), "");
    }
    ask(&app, &format!("GET {ME}"), &[], "").await.expect(401);
}

#[tokio::test]
async fn what_is_malformed_is_refused_before_it_is_counted() {
    let app = server(3).await;
    let malformed: [(&str, &[(&str, &str)]); 4] = [
        ("GET /api/v1/users/me%00", &[]),
        ("GET /api/v1//users/me", &[]),
        ("PATCH /api/v1/users/me", &[("content-type", "text/csv"), ("content-length", "1")]),
        ("PATCH /api/v1/users/me", &[("content-type", "application/json"), ("content-length", "99999999")]),
    ];
    for (line, headers) in malformed {
        let answer = ask(&app, line, headers, "").await;
        assert!((400..500).contains(&answer.status) && answer.status != 401, "{line}: {answer:?}");
        assert_eq!(answer.header("x-ratelimit-remaining"), "", "{line}");
    }
    let first = ask(&app, &format!("GET {ME}"), &[], "").await.expect(401);
    assert_eq!(first.header("x-ratelimit-remaining"), "2");
}

#[tokio::test]
async fn a_limit_is_kept_before_a_token_is_looked_at() {
    let app = server(1).await;
    ask(&app, &format!("GET {ME}"), &[], "").await.expect(401);
    for token in ["Bearer forged", "Bearer a.b.c", ""] {
        let headers = [("authorization", token), ("origin", ORIGIN)];
        let refused = ask(&app, &format!("GET {ME}"), &headers, "").await.expect(429);
        assert_told(&refused, "429");
        // A script may read why it was refused, and when to come again.
        assert_eq!(refused.header("access-control-allow-origin"), ORIGIN);
        assert_ne!(refused.header("retry-after"), "");
    }
}

#[tokio::test]
async fn a_caller_is_known_before_a_repetition_is_looked_up() {
    let app = server(1_000).await;
    let too_long = "k".repeat(256);
    let headers =
        [("content-type", "application/json"), ("content-length", "2"), ("idempotency-key", &too_long)];
    ask(&app, "POST /api/v1/users", &headers, "{}").await.expect(401);
    let admin = app.admin().await;
    let token = format!("Bearer {}", admin.access_token);
    let headers: Vec<_> = headers.into_iter().chain([("authorization", token.as_str())]).collect();
    ask(&app, "POST /api/v1/users", &headers, "{}").await.expect(400);
}

#[tokio::test]
async fn a_layer_that_is_off_leaves_no_trace() {
    let all =
        ["request_id", "process_time", "security_headers", "cors", "compression", "content", "rate_limit"];
    let mut builder = TestApp::builder()
        .set("cors.origins", json!([ORIGIN]))
        .set("rate_limit.enabled", true)
        .set("rate_limit.requests", 1);
    for layer in all {
        builder = builder.set(&format!("layers.{layer}"), false);
    }
    let app = builder.spawn().await;
    for _ in 0..3 {
        let answer = ask(&app, &format!("GET {ME}"), &[("origin", ORIGIN)], "").await.expect(401);
        for header in [
            "x-request-id",
            "x-process-time",
            "x-content-type-options",
            "access-control-allow-origin",
            "x-ratelimit-limit",
        ] {
            assert_eq!(answer.header(header), "", "{header}");
        }
    }
}
