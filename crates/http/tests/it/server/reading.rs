//! Clients that do not read.

use std::time::{Duration, Instant};

use palisade_http::server::Running;

use super::{Options, client::Client, options, start};

const GET_LARGE: &str = "GET /large HTTP/1.1\r\nhost: a\r\n\r\n";

fn impatient() -> Options {
    Options { write_timeout: Duration::from_secs(1), ..options() }
}

/// Waits until the server has closed every connection.
async fn assert_all_end(server: &Running, within: Duration) {
    let since = Instant::now();
    while server.open_connections() > 0 {
        assert!(since.elapsed() < within, "it is still open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_cut_off_and_told() {
    let server = start(impatient()).await;
    for pipelined in [1, 12] {
        let mut client = Client::connect_with_little_room(server.bound()[0].address).await;
        client.send(GET_LARGE.repeat(pipelined)).await;
        client.skip(1).await.unwrap();
        assert_all_end(&server, Duration::from_secs(5)).await;
        // What the kernel had for it is lost too: it does not have to be read before the end is seen.
        let mut left = 0;
        while let Some(read) = client.skip(65_536).await {
            left += read;
        }
        assert!(left < 65_536, "{left} bytes were still read");
    }
}

#[tokio::test]
async fn a_client_that_reads_a_few_bytes_now_and_then_is_cut_off() {
    let server = start(impatient()).await;
    let mut client = Client::connect_with_little_room(server.bound()[0].address).await;
    client.send(GET_LARGE).await;
    let since = Instant::now();
    while client.skip(16).await.is_some() {
        assert!(since.elapsed() < Duration::from_secs(5), "it is still open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_client_that_keeps_reading_gets_everything_however_long_it_takes() {
    let server = start(impatient()).await;
    let mut client = Client::connect_with_little_room(server.bound()[0].address).await;
    client.send("GET /medium HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    let (since, mut total) = (Instant::now(), 0);
    while let Some(read) = client.skip(2_048).await {
        total += read;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(total > super::MEDIUM, "{total} bytes");
    assert!(since.elapsed() > Duration::from_secs(2), "it was too fast to prove anything");
}

#[tokio::test]
async fn a_client_that_stops_reading_small_answers_is_left_too() {
    let server = start(impatient()).await;
    let mut client = Client::connect_with_little_room(server.bound()[0].address).await;
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100)).await;
    client.skip(1).await.unwrap();
    assert_all_end(&server, Duration::from_secs(8)).await;
}
