//! Redis is lost while sixty-four clients come: no error, limits hold, waits are short, and it finds back by itself.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use palisade_core::SystemClock;
use palisade_ratelimit::{
    Algorithm, FallbackRateLimiter, Key, MemoryOptions, MemoryRateLimiter, Policy, Quota, RateLimiter,
    RedisRateLimiter, Timeline,
};
use palisade_redis::{Redis, Settings};
use palisade_testkit::{
    Events,
    servers::{Mode, Proxy, Redis as Server},
};

const CLIENTS: usize = 64;
const LIMIT: u32 = 100;
const REPLICAS: u32 = 4;
/// The time limit of a command: short against a second, long for a busy machine.
const TIMEOUT: Duration = Duration::from_millis(250);
/// What a loaded machine may add to a wait.
const SLACK: Duration = Duration::from_millis(750);
const BACK_WITHIN: Duration = Duration::from_secs(5);

type Limiter = FallbackRateLimiter<RedisRateLimiter>;

async fn limiter(port: u16) -> Arc<Limiter> {
    let timeout_ms = u64::try_from(TIMEOUT.as_millis()).unwrap();
    let settings = Settings { timeout_ms, ..Settings::for_url(format!("redis://127.0.0.1:{port}")) };
    let redis = Redis::connect(&settings).await.unwrap().unwrap();
    let local = MemoryRateLimiter::new(Timeline::steady(&SystemClock), MemoryOptions::default());
    Arc::new(FallbackRateLimiter::new(
        RedisRateLimiter::new(redis),
        local,
        NonZeroU32::new(REPLICAS).unwrap(),
    ))
}

/// What the clients met.
#[derive(Default)]
struct Met {
    allowed: u32,
    waits: Vec<Duration>,
}

impl Met {
    fn p99(&mut self) -> Duration {
        self.waits.sort_unstable();
        self.waits.get(self.waits.len() * 99 / 100).copied().unwrap_or_default()
    }

    fn longest(&self) -> Duration {
        self.waits.iter().copied().max().unwrap_or_default()
    }
}

/// Sixty-four clients come again and again, all under one key.
async fn come(limiter: &Limiter, policy: &Policy, key: &Key, until: impl Fn() -> bool) -> Met {
    let until = &until;
    let client = || async move {
        let mut met = Met::default();
        loop {
            let start = Instant::now();
            let decision = limiter.check(policy, key, NonZeroU32::MIN).await.unwrap();
            met.waits.push(start.elapsed());
            met.allowed += u32::from(decision.allowed);
            if until() {
                return met;
            }
            tokio::task::yield_now().await;
        }
    };
    let clients = join_all((0..CLIENTS).map(|_| client())).await;
    clients.into_iter().fold(Met::default(), |mut all, met| {
        all.allowed += met.allowed;
        all.waits.extend(met.waits);
        all
    })
}

fn after(time: Duration) -> impl Fn() -> bool {
    let start = Instant::now();
    move || start.elapsed() >= time
}

async fn survives(port: u16, algorithm: Algorithm, harm: impl FnOnce(), heal: impl FnOnce()) {
    let events = Events::default();
    let _listening = events.listen();
    let limiter = limiter(port).await;
    let status = limiter.status();
    let policy = Policy::new("faults", algorithm, [Quota::per_day(LIMIT)]).unwrap();
    let mut normal = come(&limiter, &policy, &Key::new("warm"), after(Duration::from_millis(300))).await;
    assert_eq!((normal.allowed, status.is_on()), (LIMIT, false));

    harm();
    let key = Key::new("k");
    let first = come(&limiter, &policy, &key, after(Duration::from_secs(1))).await;
    assert!(first.longest() < TIMEOUT + SLACK, "{:?}", first.longest());
    let mut later = come(&limiter, &policy, &key, after(Duration::from_millis(300))).await;
    assert!(later.p99() < normal.p99() + Duration::from_millis(20), "{:?} {:?}", later.p99(), normal.p99());
    assert_eq!(first.allowed + later.allowed, LIMIT / REPLICAS, "this process's share");
    assert!(status.is_on() && status.local_checks() > 0);

    heal();
    let healed = Instant::now();
    let back = || !status.is_on() || healed.elapsed() > BACK_WITHIN;
    let again = come(&limiter, &policy, &key, back).await;
    assert!(!status.is_on(), "Redis counts again after {:?}", healed.elapsed());
    assert!(again.allowed <= LIMIT);
    assert_eq!(
        events.seen_of(&["redis", "ratelimit"]),
        ["redis.lost", "ratelimit.fallback_on", "redis.recovered", "ratelimit.fallback_off"]
    );
    assert_eq!(status.transitions(), 2);
}

#[tokio::test]
async fn a_killed_redis() {
    let server = std::cell::RefCell::new(Server::start().unwrap());
    let port = server.borrow().port();
    let (harm, heal) = (|| server.borrow().kill().unwrap(), || server.borrow_mut().restart().unwrap());
    survives(port, Algorithm::TokenBucket, harm, heal).await;
}

#[tokio::test]
async fn a_frozen_redis() {
    let server = Server::start().unwrap();
    survives(server.port(), Algorithm::SlidingWindow, || server.freeze().unwrap(), || server.thaw().unwrap())
        .await;
}

async fn a_network_that(mode: Mode) {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let (harm, heal) = (|| proxy.set(mode).unwrap(), || proxy.set(Mode::Pass).unwrap());
    survives(proxy.port(), Algorithm::TokenBucket, harm, heal).await;
}

#[tokio::test]
async fn a_network_that_refuses() {
    a_network_that(Mode::Refuse).await;
}

#[tokio::test]
async fn a_network_that_resets() {
    a_network_that(Mode::Reset).await;
}

#[tokio::test]
async fn a_network_that_swallows() {
    a_network_that(Mode::BlackHole).await;
}

#[tokio::test]
async fn a_network_that_answers_after_two_seconds() {
    a_network_that(Mode::Latency(Duration::from_secs(2))).await;
}
