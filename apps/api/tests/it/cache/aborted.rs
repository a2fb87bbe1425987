//! Clients that go away in the middle, and a slow Redis: nobody gets what is another's.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use palisade_testkit::{
    TestUser,
    servers::{Mode, Proxy},
    wait,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

use super::{Shared, cached};

const READS: usize = 20_000;
const CLIENTS: usize = 96;
/// How long the slow Redis takes.
const LATE: Duration = Duration::from_millis(4);

/// Some number that differs from call to call, the same in each run.
fn chance(seed: usize) -> usize {
    seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33
}

async fn connect(api: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(api).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Reads one answer; gives its body.
async fn answer(stream: &mut TcpStream) -> Value {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            assert!(head.starts_with("HTTP/1.1 200"), "{text}");
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
            if body.len() >= length.parse::<usize>().unwrap() {
                return serde_json::from_str(body).unwrap();
            }
        }
        let read = stream.read(&mut chunk).await.unwrap();
        assert!(read > 0, "the connection ended after {text:?}");
        bytes.extend_from_slice(&chunk[..read]);
    }
}

/// One client, that reads users in turn and goes away in the middle of three of ten.
async fn client(
    number: usize,
    api: SocketAddr,
    users: &[TestUser],
    read: &AtomicUsize,
    aborted: &AtomicUsize,
) {
    let mut stream = connect(api).await;
    for round in 0..READS / CLIENTS {
        let luck = chance(number * READS + round);
        let user = &users[luck % users.len()];
        let request = format!(
            "GET /api/v1/users/{} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
            user.id, user.access_token
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        if luck / 7 % 10 < 3 {
            // At any moment of the request's life; what has come so far is dropped with the connection.
            sleep(Duration::from_micros(u64::try_from(luck / 70 % 12_000).unwrap())).await;
            stream = connect(api).await;
            aborted.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        let body = wait::end_of("an answer", answer(&mut stream)).await;
        assert_eq!((&body["id"], &body["email"]), (&user.id.clone().into(), &user.email.clone().into()));
        read.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payload_reaches_the_wrong_user() {
    let shared = Shared::start().await;
    let proxy = Proxy::start(shared.server.port()).unwrap();
    let url = format!("redis://127.0.0.1:{}", proxy.port());
    // Lives so short that hits, misses, fills and waits for another's fetch come in every mix.
    let app = cached("redis", Some(&url)).set("cache.default_ttl_seconds", 1).set("redis.timeout_ms", 2_000);
    let app = app.set("layers.surge_guard", false).spawn().await;
    let users = [app.register("ann").await, app.register("bob").await, app.register("eve").await];
    proxy.set(Mode::Latency(LATE)).unwrap();
    let (read, aborted) = (AtomicUsize::new(0), AtomicUsize::new(0));
    join_all((0..CLIENTS).map(|number| client(number, app.api(), &users, &read, &aborted))).await;
    let (read, aborted) = (read.into_inner(), aborted.into_inner());
    assert!(read + aborted > READS - CLIENTS && aborted > READS / 4, "{read} read, {aborted} aborted");
}
