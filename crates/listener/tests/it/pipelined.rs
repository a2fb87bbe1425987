//! Pipelined requests: sent before the previous response.

use palisade_testkit::Client;

use crate::world::{options, start};

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    let one = "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\none";
    let two = "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\ntwo\r\n0\r\nt: u\r\n\r\n";
    let get = "\r\nGET / HTTP/1.1\nhost: a\n\n";
    let head = "HEAD / HTTP/1.1\r\nhost: a\r\n\r\n";
    let old = "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n";
    let last = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    client.send([one, head, two, get, head, get, old, one, last].concat()).await;
    for body in ["one", "", "two", "hello", "", "hello", "hello", "one"] {
        let response = match body {
            "" => client.response_without_body().await,
            _ => client.response().await,
        };
        assert_eq!((response.status, response.body.as_str()), (200, body));
        assert_ne!(response.header("connection"), Some("close"), "{response:?}");
    }
    assert_eq!(client.response().await.header("connection"), Some("close"));
    client.assert_closed().await;
}

#[tokio::test]
async fn requests_after_a_closing_one_do_not_reset_its_response() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send("GET /large HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(1_000)).await;
    assert_eq!(client.response().await.body.len(), 4 * 1_024 * 1_024);
    client.assert_closed().await;
}

#[tokio::test]
async fn a_request_with_a_malformed_body_gets_exactly_one_response() {
    let server = start(options()).await;
    let get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    for (request, status) in [("GET /slow", 200), ("POST /echo", 400), ("POST /reads-in-a-task", 408)] {
        for chunks in ["zz\r\n", "5\r\nhello\r\n\r\n", "ffffffffffffffff0\r\n"] {
            let mut client = Client::connect(server.bound()[0].address).await;
            let head = "HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
            client.send(format!("{get}{request} {head}{chunks}{get}")).await;
            assert_eq!(client.response().await.body, "hello");
            let response = client.response().await;
            assert_eq!(response.status, status, "{request} {chunks:?}: {response:?}");
            assert_eq!(response.header("connection"), Some("close"), "{response:?}");
            client.assert_closed().await;
        }
    }
}
