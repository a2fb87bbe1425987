//! Bodies that are too large, too deep, of the wrong type, or not what they seem.

use futures_util::future::join_all;
use palisade_testkit::{TestApp, TestResponse};

use crate::errors::{Form, problems_of};

const LOGIN: &str = "/api/v1/auth/login";
const MIB: usize = 1024 * 1024;

/// Announces a body of this length, and sends none of it.
async fn announce(app: &TestApp, target: &str, length: usize) -> TestResponse {
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    let answer = TestResponse::from_raw(&app.raw(head).await).expect("an answer");
    assert_eq!(problems_of(&answer, Form::Envelope), Vec::<String>::new(), "{target} {length}");
    answer
}

#[tokio::test]
async fn each_part_of_the_tree_has_its_limit_and_one_byte_more_is_refused_unread() {
    let limits = serde_json::json!({"/api/v1/users/{id}/avatar": 2048});
    let app = TestApp::builder()
        .set("security.body_limits", limits)
        .set("server.body_timeout_seconds", 1)
        .spawn()
        .await;
    let limits = [
        ("/auth/login", 64 * 1024),
        (LOGIN, MIB),
        ("/api/v1/%61uth/login", MIB),
        ("/api/v1/imports", 10 * MIB),
        ("/api/v1/imp", MIB),
        ("/api/v1/import", MIB),
        ("/api/v1/imports/7/rows", 10 * MIB),
        ("/api/v1/uploads", 50 * MIB),
        ("/api/v1/uploads/", 50 * MIB),
        ("/api/v1/uploadsx", MIB),
        ("/api/v10/uploads", 64 * 1024),
        ("/API/v1/uploads", 64 * 1024),
        ("/api/v1/users/7/avatar", 2_048),
    ];
    join_all(limits.map(async |(target, limit)| {
        let over = announce(&app, target, limit + 1).await.expect(413);
        assert_eq!(over.header("connection"), "close", "{target}");
        let within = announce(&app, target, limit).await;
        assert!([401, 404, 408].contains(&within.status), "{target}: {}", within.status);
    }))
    .await;
}

#[tokio::test]
async fn only_documented_types_are_read() {
    let app = TestApp::spawn().await;
    for kind in ["text/plain", "application/xml", "application/octet-stream", "", "json"] {
        let answer = app.post(LOGIN).body(kind, "{}").await.expect(415);
        assert!(answer.header("accept").contains("application/json"), "{kind}");
    }
    app.post("/api/v1/nowhere").body("text/csv", "x").await.expect(415);
    // These are for routes of one's own that take a text or a file: it is the route that refuses them.
    for kind in ["text/plain; charset=utf-8", "application/octet-stream"] {
        app.post("/api/v1/nowhere").body(kind, "x").await.expect(404);
    }
    app.get("/health").body("text/plain", "has no meaning").await.expect(200);
}

#[tokio::test]
async fn what_is_nested_too_deeply_is_refused() {
    let app = TestApp::builder().set("security.max_json_depth", 5).spawn().await;
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    app.post(LOGIN).body("application/json", nested(5)).await.expect(422);
    let answer = app.post(LOGIN).body("application/json", nested(6)).await.expect(400);
    assert!(answer.text().contains("nested more than 5 levels deep"), "{}", answer.text());
}

#[tokio::test]
async fn an_unknown_encoding_is_a_415_that_names_the_known_ones() {
    let app = TestApp::spawn().await;
    for coding in ["zstd", "x-unknown", "gzip, gzip"] {
        let answer = app.post(LOGIN).body("application/json", "{}").header("content-encoding", coding);
        let answer = answer.await.expect(415);
        assert_eq!(answer.header("accept-encoding"), "gzip, deflate, br", "{coding}");
    }
}

#[tokio::test]
async fn an_address_may_not_be_endless() {
    let app = TestApp::spawn().await;
    let long = |length: usize| format!("/health?{}", "x".repeat(length - "/health?".len()));
    app.get(&long(8_192)).await.expect(200);
    let answer = app.get(&long(8_193)).await.expect(414);
    assert_eq!(problems_of(&answer, Form::Envelope), Vec::<String>::new());
}

#[tokio::test]
async fn each_of_these_layers_can_be_taken_out() {
    let app = TestApp::builder()
        .set("layers.content", false)
        .set("layers.decompression", false)
        .set("layers.compression", false)
        .spawn()
        .await;
    app.get("/health?%zz").await.expect(200);
    app.get("/api/v1//users").await.expect(404);
    let packed = app.post(LOGIN).body("application/json", "{}").header("content-encoding", "gzip");
    packed.await.expect(415);
    let plain = app.get("/openapi.json").header("accept-encoding", "gzip").await.expect(200);
    assert_eq!(plain.header("content-encoding"), "");
}
