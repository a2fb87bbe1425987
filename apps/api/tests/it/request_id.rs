//! The name of a request, and how long it took.

use palisade_testkit::{TestApp, TestResponse};

use crate::support::is_uuid_v7;

#[tokio::test]
async fn a_well_formed_request_id_is_taken() {
    let app = TestApp::spawn().await;
    let longest = "a".repeat(128);
    for id in ["x", "a-B_c.9:z", "01890000-0000-7000-8000-000000000000", &longest] {
        for path in ["/health", "/nowhere", "/api/v1/users/me"] {
            let answer = app.get(path).header("x-request-id", id).await;
            assert_eq!(answer.header("x-request-id"), id, "{path}");
        }
    }
}

#[tokio::test]
async fn any_other_request_id_is_replaced_by_a_new_one() {
    let app = TestApp::spawn().await;
    let too_long = "a".repeat(129);
    let ids: [&[u8]; 11] = [
        too_long.as_bytes(),
        b"",
        b"a b",
        b"a\tb",
        b"\"quoted\"",
        b"a/b",
        b"<script>",
        b"a,b",
        b"\xff\xfe",
        "é".as_bytes(),
        b"%0d%0a",
    ];
    for id in ids {
        let answer = app.get("/nowhere").header("x-request-id", id).await;
        let given = answer.header("x-request-id").to_owned();
        assert!(is_uuid_v7(&given), "{} became {given}", String::from_utf8_lossy(id));
        assert_eq!(answer.json()["error"]["request_id"], given);
    }
    let two = app.get("/health").header("x-request-id", "one").header("x-request-id", "two").await;
    assert_eq!(two.headers.get_all("x-request-id").iter().count(), 1);
}

#[tokio::test]
async fn no_request_id_breaks_the_head_of_an_answer() {
    let app = TestApp::spawn().await;
    let reply = app.raw("GET /health HTTP/1.1\r\nHost: a\r\nX-Request-ID: a\rSet-Cookie: b=c\r\nConnection: close\r\n\r\n").await;
    let answer = TestResponse::from_raw(&reply).unwrap();
    assert!(!answer.headers.contains_key("set-cookie"), "{:?}", answer.headers);
    assert!(is_uuid_v7(answer.header("x-request-id")), "{:?}", answer.headers);
}

#[tokio::test]
async fn two_requests_never_share_a_made_up_id() {
    let app = TestApp::spawn().await;
    let (one, two) = (app.get("/health").await, app.get("/health").await);
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
}

#[tokio::test]
async fn every_answer_tells_its_milliseconds() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let calls = [
        app.get("/health"),
        app.get("/docs"),
        app.get("/openapi.json"),
        app.get("/api/v1/users/me").token(&ann.access_token),
        app.get("/api/v1/users/me"),
        app.post("/health"),
        app.get("/nowhere"),
        app.post("/api/v1/auth/logout").token(&ann.access_token),
        app.post("/api/v1/auth/login").body("text/plain", "x"),
    ];
    for call in calls {
        let answer = call.await;
        let text = answer.header("x-process-time");
        let decimal =
            text.split('.').count() == 2 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        assert!(
            decimal && text.parse::<f64>().is_ok_and(|time| time < 60_000.0),
            "{}: {text:?}",
            answer.request
        );
    }
}
