//! What is shown of a body.

use actix_web::web::Bytes;
use serde_json::Value;

use super::{layer, post, told, told_of};

#[actix_web::test]
async fn bodies_that_are_no_text_are_told_by_type_and_length() {
    let events = "data: password=hunter2\n\n";
    let parts = "--x\r\ncontent-disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--x--\r\n";
    for (media, body, shown) in [
        ("image/png", &b"\x89PNG"[..], "(image/png, 4 bytes)"),
        ("multipart/form-data; boundary=x", parts.as_bytes(), "(multipart/form-data, 72 bytes)"),
        ("text/event-stream", events.as_bytes(), "(text/event-stream, 24 bytes)"),
        ("application/json", b"{\"a\":\"\xff\"}", "(application/json, 9 bytes)"),
        ("text/plain; charset=utf-16", b"h\0i\0", "(text/plain, 4 bytes)"),
        ("", b"hunter2", "(unknown type, 7 bytes)"),
        ("image/png", b"", ""),
    ] {
        let (request, response) = told_of(layer(), media, body).await;
        for event in [request, response] {
            assert_eq!((&event["body"], &event["truncated"]), (&shown.into(), &false.into()), "{event}");
            assert_eq!(event["body_bytes"], body.len(), "{event}");
        }
    }
}

#[actix_web::test]
async fn what_is_compressed_is_not_shown() {
    let request = post("/echo", "application/json")
        .insert_header(("content-encoding", "identity"))
        .insert_header(("x-encoded", "gzip"))
        .set_payload("{}");
    let (request, response) = told(layer(), request.to_request()).await;
    assert_eq!((&request["body"], &response["body"]), (&"{}".into(), &"(application/json, 2 bytes)".into()));
}

#[actix_web::test]
async fn each_form_of_text_is_masked_in_its_own_way() {
    for (media, body, shown) in [
        (
            "application/json",
            r#"{"a":{"pin":[1,2]},"b":"u\u006cla@example.com"}"#,
            r#"{"a":{"pin":"***"},"b":"u***@example.com"}"#,
        ),
        ("application/vnd.api+json", r#"{"token":"x"}"#, r#"{"token":"***"}"#),
        ("application/x-www-form-urlencoded", "a=1&user%5Bpassword%5D=x", "a=1&user%5Bpassword%5D=***"),
        ("text/plain", "password=x y", "password=*** y"),
        ("application/xml", "<a>ulla@example.com</a>", "<a>u***@example.com</a>"),
    ] {
        let (request, response) = told_of(layer(), media, body).await;
        assert_eq!((&request["body"], &response["body"]), (&shown.into(), &shown.into()), "{media}");
    }
}

/// A secret across the cut is not known for one, wherever the cut is.
#[actix_web::test]
async fn no_half_of_a_secret_is_left_at_a_cut() {
    let body = r#"{"a":1,"password":"hunter2","card":"4111 1111 1111 1111","to":"ulla.tester@example.com","n":[{"secret":["correct","horse"]}],"z":0}"#;
    for most in 0..body.len() {
        let (request, response) = told_of(layer().max_body_size(most), "application/json", body).await;
        for event in [request, response] {
            let text = event["body"].as_str().unwrap();
            let halves = ["hunt", "4111", "ulla", "corr", "horse"];
            assert!(!halves.iter().any(|half| text.contains(half)), "{most}: {text}");
            assert_eq!((&event["truncated"], &event["body_bytes"]), (&true.into(), &body.len().into()));
        }
    }
    let (request, _) = told_of(layer().max_body_size(50), "application/json", body).await;
    assert_eq!(request["body"], r#"{"a":1,"password":"***","card":""#);
}

#[actix_web::test]
async fn a_body_is_shown_up_to_the_limit_of_masking_and_no_further() {
    let body = Bytes::from("word ".repeat(40_000));
    let (request, _) = told_of(layer().max_body_size(usize::MAX), "text/plain", body).await;
    assert_eq!((&request["truncated"], &request["body_bytes"]), (&true.into(), &200_000.into()));
    let length = request["body"].as_str().map(str::len);
    assert!(length.is_some_and(|length| (65_000..=65_536).contains(&length)), "{length:?}");
}

#[actix_web::test]
async fn headers_are_masked_and_credentials_hidden() {
    let request = post("/echo", "text/plain")
        .insert_header(("authorization", "Bearer abc"))
        .insert_header(("cookie", "a=b"))
        .insert_header(("idempotency-key", "8e03978e"))
        .insert_header(("referer", "https://a.example/?token=abc&mail=ulla%40example.com"))
        .append_header(("x-twice", "one"))
        .append_header(("x-twice", "two"));
    let (request, _) = told(layer(), request.to_request()).await;
    let headers: Value = serde_json::from_str(request["headers"].as_str().unwrap()).unwrap();
    let wanted = serde_json::json!({
        "content-type": "text/plain", "authorization": "***", "cookie": "***", "idempotency-key": "***",
        "referer": "https://a.example/?token=***&mail=u***@example.com", "x-twice": ["one", "two"],
    });
    assert_eq!(headers, wanted);
}

#[actix_web::test]
async fn path_and_query_are_masked() {
    let target = "/things/ulla%40example.com/4111111111111111?token=abc&to=ulla%40example.com&page=2";
    let (request, _) = told(layer(), post(target, "").to_request()).await;
    assert_eq!(request["path"], "/things/u***@example.com/****-****-****-1111");
    assert_eq!(request["query"], "token=***&to=u***@example.com&page=2");
}
