//! Clients that send their request body slowly or not at all.

use std::time::Duration;

use palisade_listener::Options;
use palisade_testkit::{Client, wait};

use crate::world::{options, start};

const CHUNKED: &str = "host: a\r\ntransfer-encoding: chunked\r\n\r\nff\r\nhel";
const SIZED: &str = "host: a\r\ncontent-length: 100\r\n\r\nhel";

fn short_body_timeout() -> Options {
    Options { body_timeout: Duration::from_millis(300), ..options() }
}

#[tokio::test]
async fn a_late_body_fails_for_its_reader_and_the_client_gets_a_response() {
    let server = start(short_body_timeout()).await;
    for path in ["/echo", "/reads-in-a-task"] {
        for rest in [CHUNKED, SIZED] {
            let mut client = Client::connect(server.bound()[0].address).await;
            client.send(format!("POST {path} HTTP/1.1\r\n{rest}")).await;
            // Twice the time limit of a body.
            for _ in 0..30 {
                client.send("a").await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert!(client.response().await.status >= 400);
            client.assert_closed().await;
        }
    }
}

#[tokio::test]
async fn a_late_body_that_is_not_read_closes_the_connection_after_the_response() {
    let server = start(short_body_timeout()).await;
    for line in ["POST /ignore HTTP/1.1", "GET /slow HTTP/1.1"] {
        for rest in [CHUNKED, SIZED] {
            let mut client = Client::connect(server.bound()[0].address).await;
            client.send(format!("{line}\r\n{rest}")).await;
            assert_eq!(client.response().await.status, 200);
            client.assert_closed().await;
        }
    }
}

#[tokio::test]
async fn an_endless_body_that_is_not_read_closes_the_connection() {
    let server = start(short_body_timeout()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send("POST /ignore HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n").await;
    assert_eq!(client.response().await.status, 200);
    let chunk = format!("4000\r\n{}\r\n", "a".repeat(0x4000));
    wait::until("the server reads no more", async || {
        client.send(&chunk).await;
        server.open_connections() == 0
    })
    .await;
}

#[tokio::test]
async fn the_body_timeout_does_not_limit_idle_time() {
    let server = start(short_body_timeout()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    for _ in 0..2 {
        for path in ["/echo", "/reads-in-a-task"] {
            client.send(format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi")).await;
            assert_eq!(client.response().await.body, "hi");
            let chunked = "host: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
            client.send(format!("POST {path} HTTP/1.1\r\n{chunked}")).await;
            assert_eq!(client.response().await.body, "hi");
        }
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
}

#[tokio::test]
async fn the_body_timeout_does_not_limit_handlers() {
    let server = start(short_body_timeout()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send("GET /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi").await;
    assert_eq!(client.response().await.body, "done");
}

#[tokio::test]
async fn a_client_that_expects_continue_gets_it_when_the_body_is_read() {
    let server = start(options()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    for _ in 0..2 {
        client
            .send("POST /echo HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
            .await;
        assert_eq!(client.response().await.status, 100);
        client.send("hi").await;
        assert_eq!(client.response().await.body, "hi");
    }
}

#[tokio::test]
async fn a_client_that_expects_continue_gets_only_the_response_when_the_body_is_not_read() {
    let server = start(options()).await;
    for path in ["/ignore", "/nowhere"] {
        let mut client = Client::connect(server.bound()[0].address).await;
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n");
        client.send(format!("{head}content-length: 1000000\r\n\r\n")).await;
        let response = client.response().await;
        assert_ne!(response.status, 100);
        assert_eq!(response.header("connection"), Some("close"), "{response:?}");
        client.assert_closed().await;
    }
}
