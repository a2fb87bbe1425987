//! The whole server while Redis is lost: nobody gets a 5xx, limits hold, nobody asks Redis in vain, and it finds back.

use std::time::Duration;

use futures_util::future::join_all;
use palisade_testkit::{
    servers::{Mode, Proxy, Redis},
    wait,
};

use super::{
    clients::Client,
    harness::{Running, Setup},
};

const CLIENTS: usize = 64;
const LIMIT: usize = 400;
const REPLICAS: usize = 4;
/// The time limit of a command: long for a busy machine.
const TIMEOUT: Duration = Duration::from_millis(500);
/// Requests of each client in a round: all of them together are more than the limit.
const ROUND: usize = 7;

async fn start(port: u16) -> Running {
    Setup::new()
        .set("SERVER_WORKERS", "2")
        .set("REDIS_URL", format!("redis://127.0.0.1:{port}"))
        .set("TELEMETRY_MODE", "prometheus")
        .set("REDIS_TIMEOUT_MS", TIMEOUT.as_millis().to_string())
        .set("SECURITY_TRUSTED_PROXIES", "127.0.0.1")
        .set("RATE_LIMIT_ENABLED", "true")
        .set("RATE_LIMIT_REQUESTS", LIMIT.to_string())
        .set("RATE_LIMIT_WINDOW_SECONDS", "86400")
        .set("RATE_LIMIT_PER_HOUR", "0")
        .set("RATE_LIMIT_BURST", "0")
        .set("RATE_LIMIT_REPLICAS", REPLICAS.to_string())
        .start()
        .await
}

/// Sixty-four clients come in the name of one address, each so many times; how many were allowed.
async fn come(clients: &mut [Client], address: &str, times: usize) -> usize {
    let each = join_all(clients.iter_mut().map(|client| async move {
        let mut statuses = Vec::new();
        for _ in 0..times {
            statuses.push(client.ask(address).await);
        }
        statuses
    }));
    let statuses: Vec<u16> = wait::end_of("the clients", each).await.into_iter().flatten().collect();
    assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
    statuses.iter().filter(|status| **status == 401).count()
}

fn logged(server: &Running, event: &str) -> usize {
    server.log().iter().filter(|line| line["message"] == event).count()
}

/// Calls of Redis that were sent.
async fn calls(server: &Running) -> f64 {
    let text =
        reqwest::get(format!("http://{}/metrics", server.management)).await.unwrap().text().await.unwrap();
    let seen = crate::telemetry::samples(&text);
    seen.get("redis_command_duration_seconds_count").copied().unwrap_or_default()
}

async fn survives(port: u16, harm: impl FnOnce(), heal: impl FnOnce()) {
    let server = start(port).await;
    let mut clients = join_all((0..CLIENTS).map(|_| Client::connect(server.api))).await;
    assert_eq!(come(&mut clients, "203.0.113.1", ROUND).await, LIMIT);

    harm();
    let mut allowed = come(&mut clients, "203.0.113.2", ROUND).await;
    wait::until("the server counts by itself", async || logged(&server, "ratelimit.fallback_on") == 1).await;
    let before = calls(&server).await;
    allowed += come(&mut clients, "203.0.113.2", ROUND).await;
    assert_eq!(calls(&server).await, before, "nobody sends Redis anything and waits for it");
    assert_eq!(allowed, LIMIT / REPLICAS, "this process's share");

    heal();
    let back = async || {
        come(&mut clients, "203.0.113.3", 1).await;
        logged(&server, "ratelimit.fallback_off") > 0
    };
    wait::until("Redis counts again", back).await;
    for event in ["redis.lost", "ratelimit.fallback_on", "redis.recovered", "ratelimit.fallback_off"] {
        assert_eq!(logged(&server, event), 1, "{event}");
    }
}

#[tokio::test]
async fn killed() {
    let server = std::cell::RefCell::new(Redis::start().unwrap());
    let port = server.borrow().port();
    survives(port, || server.borrow().kill().unwrap(), || server.borrow_mut().restart().unwrap()).await;
}

#[tokio::test]
async fn frozen() {
    let server = Redis::start().unwrap();
    survives(server.port(), || server.freeze().unwrap(), || server.thaw().unwrap()).await;
}

async fn behind_a_network_that(mode: Mode) {
    let server = Redis::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    survives(proxy.port(), || proxy.set(mode).unwrap(), || proxy.set(Mode::Pass).unwrap()).await;
}

#[tokio::test]
async fn behind_a_network_that_refuses() {
    behind_a_network_that(Mode::Refuse).await;
}

#[tokio::test]
async fn behind_a_network_that_resets() {
    behind_a_network_that(Mode::Reset).await;
}

#[tokio::test]
async fn behind_a_network_that_answers_after_two_seconds() {
    behind_a_network_that(Mode::Latency(Duration::from_secs(2))).await;
}

/// A server that a busy machine does not make think that Redis is lost.
fn counting_on(redis: &Redis) -> Setup {
    Setup::new()
        .set("RATE_LIMIT_ENABLED", "true")
        .set("REDIS_URL", redis.url())
        .set("REDIS_TIMEOUT_MS", "30000")
}

/// How many of 12 attempts to sign in are answered by something else than a refusal of the limit.
async fn attempts_to_sign_in(server: &Running) -> usize {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut tried = 0;
    for _ in 0..12 {
        let body = serde_json::json!({"username": "nobody", "password": "wrong-Password-1"});
        let answer = client.post(server.url("/api/v1/auth/login")).json(&body).send().await.unwrap();
        tried += usize::from(answer.status() == 401);
    }
    tried
}

#[tokio::test]
async fn attempts_to_sign_in_are_counted_over_a_loss_and_a_restart() {
    let mut redis = Redis::start().unwrap();
    let server = counting_on(&redis).start().await;
    assert_eq!(attempts_to_sign_in(&server).await, 10);
    redis.kill().unwrap();
    assert_eq!(attempts_to_sign_in(&server).await, 0, "while Redis is lost");
    redis.restart().unwrap();
    wait::until("Redis is found", async || logged(&server, "redis.recovered") == 1).await;
    assert_eq!(attempts_to_sign_in(&server).await, 0, "when Redis is back and has forgotten");
}

#[tokio::test]
async fn processes_on_one_redis_let_ten_attempts_to_sign_in_through_together() {
    let redis = Redis::start().unwrap();
    let servers = join_all((0..2).map(|_| async { counting_on(&redis).start().await })).await;
    let tried = join_all(servers.iter().map(attempts_to_sign_in)).await;
    assert_eq!(tried.iter().sum::<usize>(), 10, "{tried:?}");
}
