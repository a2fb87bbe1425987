//! Redis is lost while sixty-four clients come: no error, limits hold, nobody asks it in vain, and it finds back by itself.

use std::{num::NonZeroU32, time::Duration};

use futures_util::future::join_all;
use palisade_core::SystemClock;
use palisade_ratelimit::{
    Algorithm, FallbackRateLimiter, LimitKey, MemoryOptions, MemoryRateLimiter, Policy, Quota, RateLimiter,
    RedisRateLimiter, Timeline,
};
use palisade_redis::{Redis, Settings};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{
    Events,
    servers::{Mode, Proxy, Redis as Server},
    wait,
};

const CLIENTS: usize = 64;
const LIMIT: u32 = 100;
const REPLICAS: u32 = 4;
/// The time limit of a command: shorter than the harmed network takes, long for a busy machine.
const TIMEOUT: Duration = Duration::from_millis(1_500);
/// Checks of each client in a round.
const ROUND: usize = 20;

type Limiter = FallbackRateLimiter<RedisRateLimiter>;

fn settings(port: u16) -> Settings {
    let timeout_ms = u64::try_from(TIMEOUT.as_millis()).unwrap();
    Settings { timeout_ms, ..Settings::for_url(format!("redis://127.0.0.1:{port}")) }
}

async fn connect(port: u16) -> Redis {
    Redis::connect(&settings(port), &Off::shared()).await.unwrap().unwrap()
}

/// Over a pool that a service has.
async fn connect_pooled(port: u16) -> Redis {
    let pool = deadpool_redis::Config::from_url(format!("redis://127.0.0.1:{port}"));
    let pool = pool.create_pool(Some(deadpool_redis::Runtime::Tokio1)).unwrap();
    Redis::from_deadpool(pool, &settings(port), &Off::shared()).await.unwrap()
}

fn limiter(redis: &Redis) -> Limiter {
    let local = MemoryRateLimiter::new(Timeline::steady(&SystemClock), MemoryOptions::default());
    let replicas = NonZeroU32::new(REPLICAS).unwrap();
    FallbackRateLimiter::new(RedisRateLimiter::new(redis.clone()), local, replicas, &Off::shared())
}

/// Sixty-four clients check again and again, all under one key, until each has seen enough; how many were allowed.
async fn come(limiter: &Limiter, policy: &Policy, key: &LimitKey, enough: impl Fn(usize) -> bool) -> u32 {
    let enough = &enough;
    let client = || async move {
        let mut allowed = 0;
        for checks in 1.. {
            let decision = limiter.check(policy, key, NonZeroU32::MIN).await.unwrap();
            allowed += u32::from(decision.allowed);
            if enough(checks) {
                break;
            }
            tokio::task::yield_now().await;
        }
        allowed
    };
    let clients = join_all((0..CLIENTS).map(|_| client()));
    wait::end_of("the clients", clients).await.into_iter().sum()
}

async fn survives(redis: Redis, algorithm: Algorithm, harm: impl FnOnce(), heal: impl FnOnce()) {
    let events = Events::default();
    let _listening = events.listen();
    let limiter = limiter(&redis);
    let status = limiter.status();
    let policy = Policy::new("faults", algorithm, [Quota::per_day(LIMIT)]).unwrap();
    let a_round = |checks: usize| checks == ROUND;
    let normal = come(&limiter, &policy, &LimitKey::new("warm"), a_round).await;
    assert_eq!((normal, status.is_on()), (LIMIT, false));

    harm();
    let key = LimitKey::new("k");
    let first = come(&limiter, &policy, &key, |checks| checks >= ROUND && status.is_on()).await;
    let before = (status.local_checks(), redis.counters());
    let later = come(&limiter, &policy, &key, a_round).await;
    let checks = u64::try_from(CLIENTS * ROUND).unwrap();
    let after = (before.0 + checks, before.1);
    assert_eq!((status.local_checks(), redis.counters()), after, "all are decided here, none asks Redis");
    assert_eq!(first + later, LIMIT / REPLICAS, "this process's share");

    heal();
    let again = come(&limiter, &policy, &key, |_| !status.is_on()).await;
    assert!(again <= LIMIT);
    assert_eq!(
        events.seen_of(&["redis", "ratelimit"]),
        ["redis.lost", "ratelimit.fallback_on", "redis.recovered", "ratelimit.fallback_off"]
    );
    assert_eq!(status.transitions(), 2);
}

#[tokio::test]
async fn a_killed_redis() {
    for pooled in [false, true] {
        let server = std::cell::RefCell::new(Server::start().unwrap());
        let port = server.borrow().port();
        let redis = if pooled { connect_pooled(port).await } else { connect(port).await };
        let (harm, heal) = (|| server.borrow().kill().unwrap(), || server.borrow_mut().restart().unwrap());
        survives(redis, Algorithm::TokenBucket, harm, heal).await;
    }
}

#[tokio::test]
async fn a_frozen_redis() {
    for pooled in [false, true] {
        let server = Server::start().unwrap();
        let port = server.port();
        let redis = if pooled { connect_pooled(port).await } else { connect(port).await };
        survives(redis, Algorithm::SlidingWindow, || server.freeze().unwrap(), || server.thaw().unwrap())
            .await;
    }
}

async fn a_network_that(mode: Mode) {
    let server = Server::start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let (harm, heal) = (|| proxy.set(mode).unwrap(), || proxy.set(Mode::Pass).unwrap());
    survives(connect(proxy.port()).await, Algorithm::TokenBucket, harm, heal).await;
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
