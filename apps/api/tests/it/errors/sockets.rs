//! Bytes that are hardly HTTP, on a real socket.

use std::time::Duration;

use palisade_testkit::{TestApp, TestResponse};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{Form, problems_of};

/// What is sent, and which statuses may come back.
fn requests() -> Vec<(&'static str, Vec<u8>, &'static [u16])> {
    let post = |headers: &str, body: &str| {
        format!(
            "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{headers}\r\n\r\n{body}"
        )
    };
    let get = |rest: &str| format!("GET /nowhere HTTP/1.1\r\n{rest}\r\n\r\n");
    let text = |name, text: String, statuses: &'static [u16]| (name, text.into_bytes(), statuses);
    vec![
        text("no request line", "garbage\r\n\r\n".into(), &[400]),
        text("TLS to a plain port", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\r\n\r\n".into(), &[400]),
        text("no version", "GET /\r\n\r\n".into(), &[400]),
        text("a version of the future", "GET / HTTP/9.9\r\nHost: a\r\n\r\n".into(), &[400, 505]),
        text("HTTP/2 without agreement", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), &[400, 505]),
        text("a space in the address", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n".into(), &[400]),
        text(
            "an address beyond all bounds",
            format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(200_000)),
            &[414, 431],
        ),
        text("a head beyond all bounds", get(&format!("Host: a\r\nX-Big: {}", "a".repeat(200_000))), &[431]),
        text("headers without number", get(&format!("Host: a{}", "\r\nX: y".repeat(2_000))), &[400, 431]),
        text("no host", get("Accept: */*\r\nConnection: close"), &[400]),
        text("two hosts", get("Host: a\r\nHost: b\r\nConnection: close"), &[400]),
        text("a header without a name", get("Host: a\r\n: x"), &[400]),
        text("a space before the colon", get("Host: a\r\nX-Space : y\r\nConnection: close"), &[400]),
        text("a folded header", get("Host: a\r\nX: y\r\n z\r\nConnection: close"), &[400]),
        text("NUL in a header", get("Host: a\r\nX: y\0z"), &[400]),
        text("a length below zero", post("Content-Length: -1", ""), &[400]),
        text("a length that is no number", post("Content-Length: ten", ""), &[400]),
        text("a length with a plus", post("Content-Length: +2\r\nConnection: close", "{}"), &[400]),
        text(
            "two lengths",
            post("Content-Length: 2\r\nContent-Length: 3\r\nConnection: close", "{} "),
            &[400],
        ),
        text("a length beyond all numbers", post("Content-Length: 99999999999999999999999", ""), &[400, 413]),
        text(
            "length and chunks",
            post("Content-Length: 2\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
            &[400],
        ),
        text("an unknown transfer encoding", post("Transfer-Encoding: rot13", "{}"), &[400, 501]),
        text(
            "chunks before another encoding",
            post("Transfer-Encoding: chunked, gzip", "0\r\n\r\n"),
            &[400, 501],
        ),
        text("a chunk without a size", post("Transfer-Encoding: chunked", "ZZ\r\n{}\r\n0\r\n\r\n"), &[400]),
        text(
            "a chunk of impossible size",
            post("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFFFF\r\n"),
            &[400, 413],
        ),
        text(
            "a chunk longer than its size",
            post("Transfer-Encoding: chunked", "1\r\n{}}\r\n0\r\n\r\n"),
            &[400],
        ),
        text(
            "an unknown expectation",
            post("Content-Length: 2\r\nExpect: miracles\r\nConnection: close", "{}"),
            &[400, 417, 422],
        ),
        text(
            "a tunnel",
            "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nConnection: close\r\n\r\n".into(),
            &[400, 404, 405, 501],
        ),
        text(
            "a star",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".into(),
            &[200, 204, 400, 404, 405],
        ),
        text("an upgrade", get("Host: a\r\nConnection: upgrade, close\r\nUpgrade: websocket"), &[400, 404]),
        (
            "raw bytes in the address",
            b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_vec(),
            &[400, 404],
        ),
    ]
}

#[tokio::test]
async fn a_broken_request_gets_an_answer_from_the_catalogue_and_its_connection_is_closed() {
    let app = TestApp::spawn().await;
    let mut findings = Vec::new();
    for (name, bytes, statuses) in requests() {
        let reply = app.raw(&bytes).await;
        let Some(answer) = TestResponse::from_raw(&reply) else {
            findings.push(format!("{name}: no answer, but {:?}", String::from_utf8_lossy(&reply)));
            continue;
        };
        findings
            .extend(problems_of(&answer, Form::Envelope).into_iter().map(|found| format!("{name}: {found}")));
        if !statuses.contains(&answer.status) {
            findings.push(format!("{name}: {} in place of {statuses:?}: {}", answer.status, answer.text()));
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    app.get("/health").await.expect(200);
}

#[tokio::test]
async fn a_slow_head_is_answered_408_and_closed() {
    let app = TestApp::builder().set("server.header_timeout_seconds", 1).spawn().await;
    let answer = TestResponse::from_raw(&app.raw("GET /health HTTP/1.1\r\nHost: a\r\nX-Slow").await);
    let answer = answer.expect("an answer").expect(408);
    assert_eq!(problems_of(&answer, Form::Envelope), Vec::<String>::new());
    assert_eq!(answer.code(), "timeout");
}

#[tokio::test]
async fn a_slow_body_is_answered_408_and_closed() {
    let app = TestApp::builder().set("server.body_timeout_seconds", 1).spawn().await;
    let request = "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    let answer = TestResponse::from_raw(&app.raw(request).await).expect("an answer").expect(408);
    assert_eq!(problems_of(&answer, Form::Envelope), Vec::<String>::new());
}

#[tokio::test]
async fn the_connection_goes_on_after_a_refused_request() {
    let app = TestApp::spawn().await;
    let first = "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{\"a\":";
    let second = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let reply = String::from_utf8(app.raw(format!("{first}{second}")).await).unwrap();
    let statuses: Vec<&str> =
        reply.match_indices("HTTP/1.1 ").map(|(at, _)| &reply[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["400", "200"], "{reply}");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whole_and_the_next_request_is_served() {
    let app = TestApp::spawn().await;
    for _ in 0..5 {
        let body = vec![b'x'; 3 * 1024 * 1024];
        let answer = app.post("/api/v1/auth/login").body("application/json", body).await.expect(413);
        assert_eq!(problems_of(&answer, Form::Envelope), Vec::<String>::new());
        app.get("/health").await.expect(200);
    }
}

#[tokio::test]
async fn a_body_that_drips_is_no_way_around_the_limit() {
    let app = TestApp::builder().set("server.body_timeout_seconds", 1).spawn().await;
    let mut stream = TcpStream::connect(app.api()).await.unwrap();
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A byte now and then, for as long as nothing comes back.
    for drops in 0.. {
        assert!(drops < 200, "the connection is held open");
        match timeout(Duration::from_millis(100), stream.read_to_end(&mut answer)).await {
            Ok(_) => break,
            Err(_) => drop(stream.write_all(b" ").await),
        }
    }
    let answer = TestResponse::from_raw(&answer).expect("an answer").expect(408);
    assert_eq!(problems_of(&answer, Form::Envelope), Vec::<String>::new());
}

#[tokio::test]
async fn a_body_without_a_length_meets_the_same_limit() {
    let app = TestApp::spawn().await;
    let mut request = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
        Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        .to_vec();
    for _ in 0..20 {
        request.extend_from_slice(b"10000\r\n");
        request.extend(vec![b' '; 0x10000]);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    let answer = TestResponse::from_raw(&app.raw(request).await).expect("an answer").expect(413);
    assert_eq!(problems_of(&answer, Form::Envelope), Vec::<String>::new());
}
