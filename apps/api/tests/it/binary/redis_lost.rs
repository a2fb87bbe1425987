//! The whole server while Redis is lost: nobody gets a 5xx, limits hold, nobody waits, and it finds back.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use palisade_testkit::servers::{Mode, Proxy, Redis};
use tokio::time::sleep;

use super::{
    clients::{Client, Met},
    harness::{Running, Setup},
};

const CLIENTS: usize = 64;
const LIMIT: usize = 400;
const REPLICAS: usize = 4;
/// Long for a busy machine, and plainly longer than what is asserted of waits.
const TIMEOUT: Duration = Duration::from_millis(500);
/// Between a client's requests: what is measured is the way of a request, not a queue for the processor.
const PAUSE: Duration = Duration::from_millis(140);
const BACK_WITHIN: Duration = Duration::from_secs(5);

async fn start(port: u16) -> Running {
    Setup::new()
        .set("SERVER_WORKERS", "2")
        .set("REDIS_URL", format!("redis://127.0.0.1:{port}"))
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

/// Sixty-four clients come in the name of one address, each some seven times a second.
async fn come(clients: &mut [Client], address: &str, span: Duration) -> Vec<Met> {
    let start = Instant::now();
    let each = join_all(clients.iter_mut().map(|client| async move {
        let mut met = Vec::new();
        while met.is_empty() || start.elapsed() < span {
            met.push(client.ask(address).await);
            sleep(PAUSE).await;
        }
        met
    }));
    let met: Vec<Met> = each.await.into_iter().flatten().collect();
    assert!(met.iter().all(|met| [401, 429].contains(&met.status)), "{met:?}");
    met
}

fn allowed(met: &[Met]) -> usize {
    met.iter().filter(|met| met.status == 401).count()
}

fn quantile(met: &[Met], per_cent: usize) -> Duration {
    let mut waits: Vec<Duration> = met.iter().map(|met| met.took).collect();
    waits.sort_unstable();
    waits[waits.len() * per_cent / 100]
}

fn logged(server: &Running, event: &str) -> usize {
    server.log().iter().filter(|line| line["message"] == event).count()
}

async fn survives(port: u16, harm: impl FnOnce(), heal: impl FnOnce()) {
    let server = start(port).await;
    let mut clients = join_all((0..CLIENTS).map(|_| Client::connect(server.api))).await;
    let normal = come(&mut clients, "203.0.113.1", Duration::from_secs(1)).await;
    assert_eq!(allowed(&normal), LIMIT.min(normal.len()));

    harm();
    let first = come(&mut clients, "203.0.113.2", Duration::from_secs(1)).await;
    let later = come(&mut clients, "203.0.113.2", Duration::from_secs(1)).await;
    assert_eq!(allowed(&first) + allowed(&later), LIMIT / REPLICAS, "this process's share");
    // Within 20 ms of normal, and what a busy machine does to one second and not to the other.
    for per_cent in [50, 99] {
        let (usual, now) = (quantile(&normal, per_cent), quantile(&later, per_cent));
        let bound = (usual * 2 + Duration::from_millis(20)).min(TIMEOUT - Duration::from_millis(1));
        assert!(now < bound, "{per_cent} %: {now:?} after {usual:?}");
    }

    heal();
    let healed = Instant::now();
    while logged(&server, "ratelimit.fallback_off") == 0 {
        assert!(healed.elapsed() < BACK_WITHIN, "{:?}", server.log());
        come(&mut clients, "203.0.113.3", Duration::ZERO).await;
    }
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
