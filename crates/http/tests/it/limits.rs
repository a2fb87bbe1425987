//! Bounds on bodies and on time, over raw TCP: the connection stays usable or ends in order.

use std::time::Duration;

use palisade_listener::Running;
use palisade_testkit::Client;

use crate::{
    served::serve_app,
    world::{World, app},
};

async fn start() -> (Running, Client) {
    let running = serve_app(|| app(&World::default())).await;
    let client = Client::connect(running.bound()[0].address).await;
    (running, client)
}

const POST: &str = "POST /books HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";

#[actix_web::test]
async fn a_body_at_the_limit_is_read() {
    let (_running, mut client) = start().await;
    let body = format!("{:<1000}", r#"{"title":"a"}"#);
    client.send(format!("{POST}content-length: 1000\r\n\r\n{body}")).await;
    assert_eq!(client.response().await.status, 200);
    client.send("GET /ok HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(client.response().await.status, 200);
}

#[actix_web::test]
async fn a_body_over_the_limit_is_refused_before_it_is_sent() {
    let (_running, mut client) = start().await;
    client.send(format!("{POST}content-length: 1001\r\n\r\n")).await;
    client.response().await.assert_refusal(413, "payload_too_large");
    client.assert_closed().await;
}

#[actix_web::test]
async fn a_client_that_asks_first_is_told_before_it_sends() {
    let (_running, mut client) = start().await;
    client.send(format!("{POST}expect: 100-continue\r\ncontent-length: 1000\r\n\r\n")).await;
    assert_eq!(client.response().await.status, 100);
    client.send(format!("{:<1000}", r#"{"title":"a"}"#)).await;
    assert_eq!(client.response().await.status, 200);
    client.send(format!("{POST}expect: 100-continue\r\ncontent-length: 1001\r\n\r\n")).await;
    client.response().await.assert_refusal(413, "payload_too_large");
    client.assert_closed().await;
}

#[actix_web::test]
async fn a_body_over_the_limit_that_is_already_on_its_way_does_not_tear_the_answer_away() {
    let (_running, mut client) = start().await;
    let body = "x".repeat(300_000);
    client.send(format!("{POST}content-length: {}\r\n\r\n{body}", body.len())).await;
    client.response().await.assert_refusal(413, "payload_too_large");
}

#[actix_web::test]
async fn a_chunked_body_is_counted() {
    let (_running, mut client) = start().await;
    client.send(format!("{POST}transfer-encoding: chunked\r\n\r\n")).await;
    for _ in 0..3 {
        client.send(format!("190\r\n{}\r\n", "x".repeat(0x190))).await;
    }
    client.response().await.assert_refusal(413, "payload_too_large");
}

#[actix_web::test]
async fn other_extractors_are_bounded_too() {
    let (_running, mut client) = start().await;
    client.send("POST /theirs/bytes HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n").await;
    for _ in 0..3 {
        client.send(format!("190\r\n{}\r\n", "x".repeat(0x190))).await;
    }
    client.response().await.assert_refusal(413, "payload_too_large");
}

#[actix_web::test]
async fn a_body_that_does_not_come_is_waited_for_no_longer_than_said() {
    let world = World {
        body_time: Duration::from_millis(100),
        handler_time: Duration::from_secs(30),
        ..World::default()
    };
    let running = serve_app(move || app(&world)).await;
    for head in ["content-length: 10", "transfer-encoding: chunked"] {
        let mut client = Client::connect(running.bound()[0].address).await;
        client.send(format!("{POST}{head}\r\n\r\n")).await;
        client.response().await.assert_refusal(408, "timeout");
    }
}

#[actix_web::test]
async fn a_body_that_breaks_off_is_no_body() {
    let (_running, mut client) = start().await;
    client.send(format!("{POST}content-length: 10\r\n\r\n{{")).await;
    client.finish_sending().await;
    let response = client.response().await;
    assert_eq!(response.status, 400, "{response:?}");
}

#[actix_web::test]
async fn a_slow_handler_and_a_panic_leave_worker_and_connection_alive() {
    let (_running, mut client) = start().await;
    for (target, status, code) in [("/slow/7", 504, "timeout"), ("/panic/7", 500, "internal_error")].repeat(3)
    {
        client.send(format!("GET {target} HTTP/1.1\r\nhost: a\r\n\r\n")).await;
        let response = client.response().await;
        assert_eq!(response.status, status);
        assert!(response.body.contains(code), "{response:?}");
        client.send("GET /ok HTTP/1.1\r\nhost: a\r\n\r\n").await;
        assert_eq!(client.response().await.status, 200);
    }
}
