//! Bodies that do not arrive.

use std::time::Duration;

use palisade_listener::Options;
use palisade_testkit::{Client, wait};

use crate::world::{options, start};

const CHUNKED: &str = "host: a\r\ntransfer-encoding: chunked\r\n\r\nff\r\nhel";
const SIZED: &str = "host: a\r\ncontent-length: 100\r\n\r\nhel";

fn impatient() -> Options {
    Options { body_timeout: Duration::from_millis(300), ..options() }
}

#[tokio::test]
async fn whoever_reads_a_late_body_is_told_and_the_client_gets_an_answer() {
    let server = start(impatient()).await;
    for path in ["/echo", "/patient"] {
        for rest in [CHUNKED, SIZED] {
            let mut client = Client::connect(server.bound()[0].address).await;
            client.send(format!("POST {path} HTTP/1.1\r\n{rest}")).await;
            // Twice the time that a body has.
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
async fn a_late_body_that_nobody_reads_ends_the_connection_after_the_response() {
    let server = start(impatient()).await;
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
async fn a_body_that_nobody_reads_and_that_never_ends_is_cut() {
    let server = start(impatient()).await;
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
async fn a_connection_may_be_idle_for_longer_than_a_body_may_take() {
    let server = start(impatient()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    for _ in 0..2 {
        for path in ["/echo", "/patient"] {
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
async fn a_handler_may_take_longer_than_a_body() {
    let server = start(impatient()).await;
    let mut client = Client::connect(server.bound()[0].address).await;
    client.send("GET /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi").await;
    assert_eq!(client.response().await.body, "done");
}

#[tokio::test]
async fn a_client_is_told_to_send_its_body_where_somebody_reads_it() {
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
async fn a_client_is_not_told_to_send_a_body_that_is_refused_already() {
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
