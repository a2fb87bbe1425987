//! How the program ends.

use nix::sys::signal::Signal;
use palisade_testkit::{TestResponse, servers::Postgres};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::harness::{Running, Setup};

#[tokio::test]
async fn either_signal_ends_it_cleanly() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let running = Setup::new().start().await;
        running.signal(signal);
        let ended = running.ended().await.expect(0);
        assert!(ended.stdout.contains("server.stopped"), "{}", ended.stdout);
    }
}

/// Begins a request whose body is not complete yet.
async fn begin(running: &Running) -> TcpStream {
    let mut stream = TcpStream::connect(running.api).await.unwrap();
    let head = "POST /api/v1/auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(b"{\"refresh").await.unwrap();
    // An answer on another connection later than this one's head: the server has it by now.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for _ in 0..5 {
        client.get(running.url("/health")).send().await.unwrap();
    }
    stream
}

#[tokio::test]
async fn a_request_that_is_being_served_is_finished() {
    let running = Setup::new().start().await;
    let mut stream = begin(&running).await;
    running.signal(Signal::SIGTERM);
    running.logged(|line| line["message"] == "server.stopping").await;
    stream.write_all(b"_token\":\"x\"}").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = TestResponse::from_raw(&answer).expect("an answer").expect(401);
    assert_eq!(answer.reason(), "auth.invalid_refresh_token");
    assert_eq!(answer.header("connection"), "close");
    running.ended().await.expect(0);
}

#[tokio::test]
async fn while_it_drains_it_serves_on_and_reads_as_not_ready() {
    let running = Setup::new().set("SERVER_DRAIN_DELAY_SECONDS", "3").start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    running.signal(Signal::SIGTERM);
    running.logged(|line| line["message"] == "server.stopping").await;
    let ready = client.get(running.url("/api/v1/health/ready")).send().await.unwrap();
    assert_eq!(ready.status(), 503);
    let alive = client.get(running.url("/health")).send().await.unwrap();
    assert_eq!((alive.status().as_u16(), alive.headers()["connection"].to_str().unwrap()), (200, "close"));
    running.ended().await.expect(0);
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let running = Setup::new().set("SERVER_DRAIN_DELAY_SECONDS", "600").start().await;
    running.signal(Signal::SIGTERM);
    running.logged(|line| line["message"] == "server.stopping").await;
    running.signal(Signal::SIGTERM);
    running.ended().await;
}

#[tokio::test]
async fn idle_connections_do_not_hold_it_up() {
    let setup = Setup::new().set("SERVER_KEEP_ALIVE_SECONDS", "600");
    let running = setup.set("SERVER_SHUTDOWN_TIMEOUT_SECONDS", "600").start().await;
    let mut idle = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(running.api).await.unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut some = [0; 16];
        stream.read_exact(&mut some).await.unwrap();
        idle.push(stream);
    }
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0);
}

#[tokio::test]
async fn what_it_wrote_is_there_after_a_restart() {
    let setup = Setup::new();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = serde_json::json!({"email": "a@example.com", "username": "ann", "password": "violet-Tractor-93-lamp"});
    let login = serde_json::json!({"username": "ann", "password": "violet-Tractor-93-lamp"});
    let first = setup.start().await;
    assert_eq!(
        client.post(first.url("/api/v1/auth/register")).json(&body).send().await.unwrap().status(),
        201
    );
    let pair: serde_json::Value =
        client.post(first.url("/api/v1/auth/login")).json(&login).send().await.unwrap().json().await.unwrap();
    first.signal(Signal::SIGKILL);
    first.ended().await;

    let second = setup.start().await;
    let token = pair["access_token"].as_str().unwrap();
    let me = client.get(second.url("/api/v1/users/me")).bearer_auth(token).send().await.unwrap();
    assert_eq!(me.status(), 200, "the secret of a local server outlives it");
}

#[tokio::test]
async fn a_stuck_database_does_not_hold_up_the_end() {
    let server = Postgres::start().unwrap();
    let running = Setup::new().set("DATABASE_URL", server.url()).start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    server.freeze().unwrap();
    let ready = client.get(running.url("/api/v1/health/ready")).send().await.unwrap();
    assert_eq!(ready.status(), 503);
    running.signal(Signal::SIGTERM);
    running.ended().await.expect(0);
    server.thaw().unwrap();
}
