//! Clients that send their request head slowly, and idle connections.

use std::time::Duration;

use palisade_testkit::Client;

use crate::world::{options, start};

const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

#[tokio::test]
async fn a_late_first_head_gets_408() {
    let server = start(options()).await;
    for start in ["", "GET / HTTP/1.1\r\nhost: a\r\n"] {
        let mut client = Client::connect(server.bound()[0].address).await;
        client.send(start).await;
        client.response().await.assert_refusal(408, "timeout");
        client.assert_closed().await;
    }
}

#[tokio::test]
async fn a_late_second_head_gets_408() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send(GET).await;
    assert_eq!(client.response().await.status, 200);
    client.send("GET / HTTP/1.1\r\n").await;
    client.response().await.assert_refusal(408, "timeout");
    client.assert_closed().await;
}

#[tokio::test]
async fn a_late_head_does_not_cut_off_the_response_before_it() {
    let server = start(options()).await;
    let mut client = Client::connect_with_little_room(server.bound()[0].address).await;
    client.send("GET /medium HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\n").await;
    assert_eq!(client.response().await.body.len(), crate::world::MEDIUM);
    client.response().await.assert_refusal(408, "timeout");
    client.assert_closed().await;
}

#[tokio::test]
async fn a_head_that_arrives_byte_by_byte_has_the_same_time_limit() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send("GET / HTTP/1.1\r\nx: ").await;
    // Twice the time limit of a head.
    for _ in 0..30 {
        client.send("a").await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    client.response().await.assert_refusal(408, "timeout");
}

#[tokio::test]
async fn the_head_timeout_does_not_limit_idle_time() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    for _ in 0..2 {
        client.send(GET).await;
        assert_eq!(client.response().await.status, 200);
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    client.send(GET).await;
    assert_eq!(client.response().await.status, 200);
}

#[tokio::test]
async fn the_head_timeout_does_not_limit_handlers() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(client.response().await.body, "done");
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_keep_alive() {
    let server =
        start(palisade_listener::Options { keep_alive: Duration::from_millis(200), ..options() }).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send(GET).await;
    assert_eq!(client.response().await.status, 200);
    client.assert_closed().await;
}

#[tokio::test]
async fn a_client_that_closes_its_sending_side_still_gets_its_response() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    client.finish_sending().await;
    assert_eq!(client.response().await.body, "done");
    client.assert_closed().await;
}
