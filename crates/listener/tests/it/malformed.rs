//! Malformed requests, which never reach an application.

use palisade_testkit::Client;

use crate::world::{LOOKALIKE, options, start};

const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

#[tokio::test]
async fn malformed_requests_get_400_with_the_standard_body() {
    let server = start(options()).await;
    for (name, request) in [
        ("noise", "hello\r\n\r\n".to_owned()),
        ("binary", "\u{16}\u{3}\u{1}\0\0\r\n\r\n".to_owned()),
        ("HTTP/0.9", "GET /\r\n\r\n".to_owned()),
        ("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        ("no host", "GET / HTTP/1.1\r\n\r\n".to_owned()),
        ("two hosts", "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n".to_owned()),
        ("bad header name", "GET / HTTP/1.1\r\nhost: a\r\nbad name: 1\r\n\r\n".to_owned()),
        ("header without colon", "GET / HTTP/1.1\r\nhost: a\r\nbad\r\n\r\n".to_owned()),
        ("NUL in a header", "GET / HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n".to_owned()),
        ("folded header", "GET / HTTP/1.1\r\nhost: a\r\nx: a\r\n b\r\n\r\n".to_owned()),
        ("space before colon", "GET / HTTP/1.1\r\nhost: a\r\ncontent-length : 0\r\n\r\n".to_owned()),
        ("fragment", "GET /#part HTTP/1.1\r\nhost: a\r\n\r\n".to_owned()),
        ("fragment in a query", "GET /?a=b#part HTTP/1.1\r\nhost: a\r\n\r\n".to_owned()),
        ("bad address", "GET http://[ HTTP/1.1\r\nhost: a\r\n\r\n".to_owned()),
    ] {
        let mut client = Client::connect(server.bound()[0].address).await;
        client.send(request).await;
        println!("{name}");
        client.response().await.assert_refusal(400, "bad_request");
        client.assert_closed().await;
    }
}

#[tokio::test]
async fn request_smuggling_gets_400_and_closes_the_connection() {
    let server = start(options()).await;
    for headers in [
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 5",
        "content-length: 5\r\ncontent-length: 5",
        "content-length: 5\r\ncontent-length: 6",
        "content-length: 5, 6",
        "content-length: +5",
        "content-length: -5",
        "content-length: 0x5",
        "content-length: 99999999999999999999",
        "transfer-encoding: xchunked",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: identity",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        "transfer-encoding:\u{b}chunked",
    ] {
        let mut client = Client::connect(server.bound()[0].address).await;
        client.send(format!("POST /echo HTTP/1.1\r\nhost: a\r\n{headers}\r\n\r\n0\r\n\r\n{GET}")).await;
        println!("{headers}");
        client.response().await.assert_refusal(400, "bad_request");
        client.assert_closed().await;
    }
}

#[tokio::test]
async fn a_client_that_is_still_sending_an_oversized_head_gets_431() {
    let server = start(options()).await;
    let long = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}", "a".repeat(300_000));
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(200));
    for request in [long, many] {
        let mut client = Client::connect(server.bound()[0].address).await;
        client.send(request).await;
        client.response().await.assert_refusal(431, "bad_request");
        client.assert_closed().await;
        client.assert_listened_to().await;
    }
}

/// `http` holds names of 65,535 bytes and addresses of 65,534; actix-http panics at a longer name.
#[tokio::test]
async fn requests_before_an_oversized_head_are_answered() {
    let server = start(options()).await;
    let name = |length| (431, format!("GET / HTTP/1.1\r\nhost: a\r\n{}: a\r\n\r\n", "n".repeat(length)));
    let value = |length| (431, format!("GET / HTTP/1.1\r\nhost: a\r\nn: {}\r\n\r\n", "a".repeat(length)));
    let address = |length| (414, format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(length)));
    let lengths = [65_535, 65_536, 65_537, 100_000, 131_000, 131_072, 200_000];
    let requests = lengths.into_iter().flat_map(|length| [name(length), value(length), address(length)]);
    for (index, (status, request)) in requests.enumerate() {
        let mut client = Client::connect(server.bound()[0].address).await;
        let (before, pieces) = (index % 3, [usize::MAX, 60_000, 1_000][index % 3]);
        let bytes = format!("{}{request}", GET.repeat(before));
        for piece in bytes.as_bytes().chunks(pieces) {
            client.send(piece).await;
        }
        for _ in 0..before {
            assert_eq!(client.response().await.body, "hello");
        }
        client.response().await.assert_refusal(status, "bad_request");
        client.assert_closed().await;
    }
}

#[tokio::test]
async fn a_head_of_the_maximum_size_is_served() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    let head = "GET / HTTP/1.1\r\nhost: a\r\n: a\r\n\r\n";
    let name = "n".repeat(64 * 1_024 - head.len());
    for piece in head.replace("\r\n:", &format!("\r\n{name}:")).as_bytes().chunks(10_000) {
        client.send(piece).await;
    }
    assert_eq!(client.response().await.body, "hello");
}

#[tokio::test]
async fn requests_before_a_malformed_one_are_answered() {
    let server = start(options()).await;
    for before in [1, 2, 10] {
        let mut client = Client::connect(server.bound()[0].address).await;
        client.send(format!("{}\r\nnonsense\r\n\r\n", GET.repeat(before))).await;
        for _ in 0..before {
            assert_eq!(client.response().await.body, "hello");
        }
        client.response().await.assert_refusal(400, "bad_request");
        client.assert_closed().await;
    }
}

#[tokio::test]
async fn a_large_response_before_a_malformed_request_arrives_whole() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\nnonsense\r\n\r\n").await;
    assert_eq!(client.response().await.body.len(), 4 * 1_024 * 1_024);
    client.response().await.assert_refusal(400, "bad_request");
    client.assert_closed().await;
}

#[tokio::test]
async fn a_malformed_chunk_gets_exactly_one_response() {
    let server = start(options()).await;
    for chunks in ["zz\r\n", "5\r\nhelloXX", "ffffffffffffffffff\r\n", "-1\r\n"] {
        let mut client = Client::connect(server.bound()[0].address).await;
        client
            .send(format!("POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{chunks}"))
            .await;
        assert_eq!(client.response().await.status, 400);
        client.assert_closed().await;
    }
}

#[tokio::test]
async fn a_malformed_request_after_a_chunked_body_gets_400() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    let chunked =
        "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    client.send(chunked).await;
    assert_eq!(client.response().await.body, "hello");
    client.send("nonsense\r\n\r\n").await;
    client.response().await.assert_refusal(400, "bad_request");
    client.assert_closed().await;
}

#[tokio::test]
async fn a_body_that_looks_like_an_error_response_of_actix_is_not_changed() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    for _ in 0..2 {
        client.send("GET /lookalike HTTP/1.1\r\nhost: a\r\n\r\n").await;
        assert_eq!(client.response().await.body, LOOKALIKE);
    }
    let length = LOOKALIKE.len();
    client
        .send(format!("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n{LOOKALIKE}"))
        .await;
    assert_eq!(client.response().await.body, LOOKALIKE);
}

#[tokio::test]
async fn an_empty_error_response_of_the_application_is_not_changed() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    for method in ["GET", "HEAD", "GET"] {
        client.send(format!("{method} /fails HTTP/1.1\r\nhost: a\r\n\r\n")).await;
        let response = client.response().await;
        assert_eq!((response.status, response.body.as_str()), (503, ""));
    }
    client.send("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(client.response_without_body().await.header("content-length"), Some("5"));
}

#[tokio::test]
async fn an_unrendered_error_of_the_application_gets_the_standard_body() {
    let server = crate::world::server(options());
    let factory = || {
        let fail = |_, _: &_| async {
            Err::<actix_web::dev::ServiceResponse, _>(actix_web::error::ErrorBadGateway("secret"))
        };
        actix_web::App::new().wrap_fn(fail)
    };
    let server = server.listen(crate::world::listener(), 1, factory).unwrap().start().await.unwrap();
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send(GET).await;
    client.response().await.assert_refusal(502, "upstream_error");
    client.assert_closed().await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(client.response_without_body().await.status, 502);
    client.assert_closed().await;
}

#[tokio::test]
async fn the_problem_format_can_be_configured() {
    let server = crate::world::server(options()).error_format(palisade_core::ErrorFormat::Problem);
    let factory = || actix_web::App::new().configure(crate::world::routes);
    let server = server.listen(crate::world::listener(), 1, factory).unwrap().start().await.unwrap();
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send("nonsense\r\n\r\n").await;
    let response = client.response().await;
    assert_eq!(response.header("content-type"), Some("application/problem+json"));
    let body: serde_json::Value = serde_json::from_str(&response.body).unwrap();
    assert_eq!((&body["status"], &body["code"]), (&400.into(), &"bad_request".into()));
    assert_eq!(body["request_id"].as_str(), response.header("x-request-id"));
}
