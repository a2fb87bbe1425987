//! A sliding window keeps its promise whatever happens to Redis.

use std::{num::NonZeroU32, sync::Arc};

use futures_util::future::join_all;
use palisade_core::{ManualClock, SystemClock, Timeline};
use palisade_ratelimit::{
    Algorithm, FallbackRateLimiter, LimitKey, MemoryOptions, MemoryRateLimiter, Policy, Quota, RateLimiter,
    RedisRateLimiter,
};
use palisade_redis::Redis;
use palisade_telemetry::metrics::Off;
use palisade_testkit::{servers::Redis as Server, wait};

use crate::redis::connect;

const ONE: NonZeroU32 = NonZeroU32::MIN;
const LIMIT: usize = 10;

type Limiter = FallbackRateLimiter<RedisRateLimiter>;

/// A process of so many.
async fn process(url: String, replicas: u32) -> (Redis, Limiter) {
    let redis = connect(url).await;
    let local = MemoryRateLimiter::new(Timeline::steady(&SystemClock), MemoryOptions::default());
    let store = RedisRateLimiter::new(redis.clone());
    (redis, FallbackRateLimiter::new(store, local, NonZeroU32::new(replicas).unwrap(), &Off::shared()))
}

/// Ten attempts in a window that does not end while a test runs.
fn credentials() -> Policy {
    let quotas = [Quota::per_hour(10), Quota::per_day(100)];
    Policy::new("login", Algorithm::SlidingWindow, quotas).unwrap()
}

/// How many of 15 attempts pass.
async fn attempts(limiter: &Limiter) -> usize {
    let (policy, key) = (credentials(), LimitKey::of("ip", "203.0.113.9"));
    let mut passed = 0;
    for _ in 0..15 {
        passed += usize::from(limiter.check(&policy, &key, ONE).await.unwrap().allowed);
    }
    passed
}

async fn found_again(redis: &Redis, times: u64) {
    wait::until("Redis is found again", async || redis.counters().found == times && redis.is_up()).await;
}

#[tokio::test]
async fn attempts_before_a_loss_of_redis_count_after_it() {
    let server = Server::start().unwrap();
    let (_redis, limiter) = process(server.url(), 1).await;
    assert_eq!(attempts(&limiter).await, LIMIT);
    server.kill().unwrap();
    assert_eq!(attempts(&limiter).await, 0, "the memory knows what Redis has let through");
}

#[tokio::test]
async fn attempts_during_a_loss_count_when_redis_is_back_and_has_forgotten() {
    let mut server = Server::start().unwrap();
    let (redis, limiter) = process(server.url(), 1).await;
    server.kill().unwrap();
    assert_eq!(attempts(&limiter).await, LIMIT);
    server.restart().unwrap();
    found_again(&redis, 2).await;
    assert_eq!(attempts(&limiter).await, 0);
}

#[tokio::test]
async fn a_restart_of_redis_that_no_request_met_forgets_nothing() {
    let mut server = Server::start().unwrap();
    let (redis, limiter) = process(server.url(), 1).await;
    assert_eq!(attempts(&limiter).await, LIMIT);
    server.kill().unwrap();
    server.restart().unwrap();
    found_again(&redis, 2).await;
    assert_eq!(attempts(&limiter).await, 0);
    assert_eq!(limiter.status().local_checks(), 0, "each was asked of the new server");
}

#[tokio::test]
async fn of_several_processes_each_has_its_share_for_a_window_after_a_loss() {
    let mut server = Server::start().unwrap();
    let (redis, busy) = process(server.url(), 5).await;
    let (other_redis, idle) = process(server.url(), 5).await;
    assert_eq!(attempts(&busy).await, LIMIT);
    server.kill().unwrap();
    assert_eq!((attempts(&busy).await, attempts(&idle).await), (0, LIMIT / 5));
    server.restart().unwrap();
    found_again(&redis, 2).await;
    wait::until("the other finds it too", async || other_redis.is_up()).await;
    assert_eq!((attempts(&busy).await, attempts(&idle).await), (0, 0));
}

#[tokio::test]
async fn processes_on_one_redis_share_the_attempts() {
    let server = Server::start().unwrap();
    let processes = join_all((0..3).map(|_| process(server.url(), 1))).await;
    let passed = join_all(processes.iter().map(|(_, limiter)| attempts(limiter))).await;
    assert_eq!(passed.iter().sum::<usize>(), LIMIT, "{passed:?}");
}

#[tokio::test]
async fn no_minute_holds_more_than_ten_attempts_whenever_they_come() {
    let clock = Arc::new(ManualClock::default());
    let limiter = MemoryRateLimiter::new(Timeline::following(clock.clone()), MemoryOptions::default());
    let policy = Policy::new("login", Algorithm::SlidingWindow, [Quota::per_minute(10)]).unwrap();
    let mut passed: Vec<u64> = Vec::new();
    // Quarters of a second, at a pace that meets every phase of the window's parts.
    for quarter in 0..4 * 600 {
        if limiter.check_now(&policy, &LimitKey::new("k"), ONE).allowed {
            passed.push(quarter);
            let within = passed.iter().filter(|earlier| quarter - **earlier < 4 * 60).count();
            assert!(within <= 10, "{within} within the minute up to {quarter}");
        }
        clock.advance(std::time::Duration::from_millis(250));
    }
    assert!(passed.len() >= 90, "{passed:?}");
}
