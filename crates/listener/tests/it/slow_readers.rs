//! Clients that read their response slowly or not at all.

use std::time::Duration;

use palisade_listener::{Options, Running};
use palisade_testkit::{Client, wait};

use crate::world::{options, start};

const GET_LARGE: &str = "GET /large HTTP/1.1\r\nhost: a\r\n\r\n";

fn short_write_timeout() -> Options {
    Options { write_timeout: Duration::from_secs(1), ..options() }
}

/// Waits until the server has closed every connection.
async fn assert_all_close(server: &Running) {
    wait::until("the server closes every connection", async || server.open_connections() == 0).await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_reset() {
    let server = start(short_write_timeout()).await;
    for pipelined in [1, 12] {
        let mut client = Client::connect_with_little_room(server.bound()[0].address).await;
        client.send(GET_LARGE.repeat(pipelined)).await;
        client.skip(1).await.unwrap();
        assert_all_close(&server).await;
        // A reset discards what the kernel had buffered, so the client sees the end without reading it.
        let mut left = 0;
        while let Some(read) = client.skip(65_536).await {
            left += read;
        }
        assert!(left < 65_536, "{left} bytes were still read");
    }
}

#[tokio::test]
async fn a_client_that_reads_a_few_bytes_now_and_then_is_reset() {
    let server = start(short_write_timeout()).await;
    let mut client = Client::connect_with_little_room(server.bound()[0].address).await;
    client.send(GET_LARGE).await;
    wait::until("the server closes the connection", async || {
        tokio::time::sleep(Duration::from_millis(50)).await;
        client.skip(16).await.is_none()
    })
    .await;
}

#[tokio::test]
async fn a_client_above_the_minimum_rate_gets_the_whole_response() {
    let server = start(short_write_timeout()).await;
    let mut client = Client::connect_with_little_room(server.bound()[0].address).await;
    client.send("GET /medium HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    let (pause, mut pauses, mut total) = (Duration::from_millis(20), 0, 0);
    while let Some(read) = client.skip(2_048).await {
        total += read;
        pauses += 1;
        tokio::time::sleep(pause).await;
    }
    assert!(total > crate::world::MEDIUM, "{total} bytes");
    assert!(
        pause * pauses > 2 * short_write_timeout().write_timeout,
        "{pauses} pauses are too few to prove anything"
    );
}

#[tokio::test]
async fn a_client_that_does_not_read_small_responses_is_disconnected() {
    let server = start(short_write_timeout()).await;
    let mut client = Client::connect_with_little_room(server.bound()[0].address).await;
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100)).await;
    client.skip(1).await.unwrap();
    assert_all_close(&server).await;
}
