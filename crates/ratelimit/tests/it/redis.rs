//! The limiter on real Redis servers.

use std::{collections::HashSet, num::NonZeroU32, sync::Arc, time::Duration};

use palisade_core::{SystemClock, Timeline};
use palisade_ratelimit::{
    Algorithm, FallbackRateLimiter, LimitKey, MemoryOptions, MemoryRateLimiter, Policy, Quota, RateLimiter,
    RedisRateLimiter,
    conformance::{self, Time},
};
use palisade_redis::{
    Redis, Settings,
    redis::{Cmd, Value, cmd},
};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{redis_url, servers::Redis as Server, wait};

const ONE: NonZeroU32 = NonZeroU32::MIN;
const ALGORITHMS: [Algorithm; 3] = [Algorithm::TokenBucket, Algorithm::SlidingWindow, Algorithm::FixedWindow];

/// A limit on time is not what these tests are about, and the machine may be busy.
pub(crate) async fn connect(url: String) -> Redis {
    let settings = Settings { timeout_ms: 10_000, connect_timeout_ms: 10_000, ..Settings::for_url(url) };
    Redis::connect(&settings, &Off::shared()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passes_the_suite() {
    let redis = connect(redis_url()).await;
    conformance::rate_limiter(Arc::new(RedisRateLimiter::new(redis)), Time::Real).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passes_the_suite_over_a_pool() {
    let pool = deadpool_redis::Config::from_url(redis_url());
    let pool = pool.create_pool(Some(deadpool_redis::Runtime::Tokio1)).unwrap();
    let settings = Settings { timeout_ms: 10_000, connect_timeout_ms: 10_000, ..Settings::default() };
    let redis = Redis::from_deadpool(pool, &settings, &Off::shared()).await.unwrap();
    let limiter = RedisRateLimiter::with_prefix(redis, "pooled:");
    conformance::rate_limiter(Arc::new(limiter), Time::Real).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passes_the_suite_on_a_cluster() {
    let server = Server::start_cluster().unwrap();
    let limiter = RedisRateLimiter::new(connect(server.url()).await);
    conformance::rate_limiter(Arc::new(limiter), Time::Real).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passes_the_suite_with_a_fallback_that_is_not_needed() {
    let memory = MemoryRateLimiter::new(Timeline::steady(&SystemClock), MemoryOptions::default());
    let redis = RedisRateLimiter::with_prefix(connect(redis_url()).await, "fallback:");
    let limiter = FallbackRateLimiter::new(redis, memory, ONE, &Off::shared());
    conformance::rate_limiter(Arc::new(limiter), Time::Real).await;
}

fn policy(name: &str, algorithm: Algorithm) -> Policy {
    let quotas = [Quota::per_minute(3), Quota::per_hour(100), Quota::new(7, Duration::from_secs(1)).unwrap()];
    Policy::new(name, algorithm, quotas).unwrap()
}

fn info(section: &str) -> Cmd {
    let mut info = cmd("INFO");
    info.arg(section);
    info
}

/// How often the server has run commands that contain `name`.
async fn calls(redis: &Redis, name: &str) -> u64 {
    let stats: String = redis.query(&info("commandstats")).await.unwrap();
    let lines = stats.lines().filter(|line| line.contains(&format!("cmdstat_{name}:")));
    let calls = lines.filter_map(|line| line.split("calls=").nth(1)?.split(',').next()?.parse::<u64>().ok());
    calls.sum()
}

#[tokio::test]
async fn a_check_is_one_call_on_one_key_that_expires() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let limiter = RedisRateLimiter::with_prefix(redis.clone(), "test:");
    for algorithm in ALGORITHMS {
        for _ in 0..50 {
            limiter.check(&policy("p", algorithm), &LimitKey::new("k"), ONE).await.unwrap();
        }
    }
    // The first call of each of the three scripts met a server that did not know it.
    assert_eq!(calls(&redis, "evalsha").await, 150 + 3);
    let keys: Vec<String> = redis.query(cmd("KEYS").arg("*")).await.unwrap();
    assert_eq!(keys.len(), 3, "{keys:?}");
    for key in keys {
        assert!(key.starts_with("test:{p|") && key.ends_with("|k}"), "{key}");
        let left: i64 = redis.query(cmd("PTTL").arg(&key)).await.unwrap();
        assert!((1..=3_900_000).contains(&left), "{key} lives for {left} ms");
    }
}

#[tokio::test]
async fn nothing_is_left_behind() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let limiter = RedisRateLimiter::new(redis.clone());
    for algorithm in ALGORITHMS {
        let policy =
            Policy::new("brief", algorithm, [Quota::new(9, Duration::from_millis(40)).unwrap()]).unwrap();
        for number in 0..20 {
            limiter.check(&policy, &LimitKey::of("ip", number), ONE).await.unwrap();
        }
    }
    // The server cleans up by itself; nobody asks for the keys again.
    wait::until("no key is left", async || redis.query::<u64>(&cmd("DBSIZE")).await.unwrap() == 0).await;
}

#[tokio::test]
async fn goes_on_after_the_scripts_were_flushed() {
    let server = Server::start().unwrap();
    let redis = connect(server.url()).await;
    let limiter = RedisRateLimiter::new(redis.clone());
    for algorithm in ALGORITHMS {
        let policy = policy("p", algorithm);
        let mut left = HashSet::new();
        for _ in 0..3 {
            let decision = limiter.check(&policy, &LimitKey::new("k"), ONE).await.unwrap();
            assert!(decision.allowed);
            left.insert(decision.remaining);
            redis.query::<()>(cmd("SCRIPT").arg("FLUSH")).await.unwrap();
        }
        assert_eq!(left, HashSet::from([2, 1, 0]), "{algorithm:?}");
        assert!(!limiter.check(&policy, &LimitKey::new("k"), ONE).await.unwrap().allowed);
    }
}

/// Of buckets, one that is whole milliseconds a token is counted by a script of its own: the two agree.
#[tokio::test]
async fn a_limit_may_change_between_even_and_uneven_intervals() {
    let redis = connect(redis_url()).await;
    let limiter = RedisRateLimiter::with_prefix(redis, format!("even-{}:", std::process::id()));
    let tier = |limit| Policy::new("tier", Algorithm::TokenBucket, [Quota::per_day(limit)]).unwrap();
    let (even, uneven, key) = (tier(10), tier(7), LimitKey::new("k"));
    let half = NonZeroU32::new(5).unwrap();
    assert_eq!(limiter.check(&even, &key, half).await.unwrap().remaining, 5);
    assert_eq!(limiter.check(&uneven, &key, ONE).await.unwrap().remaining, 2, "half of 7, less one");
    assert_eq!(limiter.check(&even, &key, ONE).await.unwrap().remaining, 2);
}

#[tokio::test]
async fn limiters_on_one_server_share_the_limit() {
    let redis = connect(redis_url()).await;
    let prefix = format!("shared-{}:", std::process::id());
    let limiters: Vec<_> =
        (0..4).map(|_| RedisRateLimiter::with_prefix(redis.clone(), prefix.as_str())).collect();
    for algorithm in ALGORITHMS {
        let policy = Policy::new("shared", algorithm, [Quota::per_day(10)]).unwrap();
        let mut allowed = 0;
        for limiter in limiters.iter().cycle().take(40) {
            allowed += u32::from(limiter.check(&policy, &LimitKey::new("k"), ONE).await.unwrap().allowed);
        }
        assert_eq!(allowed, 10, "{algorithm:?}");
    }
}

/// What somebody else may write where a counter stands: texts, other types, and numbers that say the future.
fn foreign(key: &str) -> Vec<Vec<Cmd>> {
    let texts: [Vec<u8>; 4] =
        [b"garbage".to_vec(), vec![0; 400], vec![0xff; 400], b"v1 0123456789abcdef".to_vec()];
    // Three quotas; 30 s and 50 s are less than the longest window and more than most buckets hold.
    let spans = [Some(30_000), Some(50_000), Some(3_500_000), Some(36_000_000), None];
    let mut all = Vec::new();
    for (text, span) in texts.iter().flat_map(|text| spans.map(|span| (text, span))) {
        let mut set = cmd("SET");
        set.arg(key).arg(text);
        if let Some(span) = span {
            set.arg("PX").arg(span);
        }
        all.push(vec![set]);
    }
    let kinds: [(&str, &[&str]); 3] = [("RPUSH", &["x"]), ("HSET", &["a", "b"]), ("ZADD", &["1", "x"])];
    for ((kind, arguments), span) in kinds.iter().flat_map(|kind| spans.map(|span| (kind, span))) {
        let make = cmd(kind).arg(key).arg(*arguments).clone();
        let expire = span.map(|span| cmd("PEXPIRE").arg(key).arg(span).clone());
        all.push([cmd("DEL").arg(key).clone(), make].into_iter().chain(expire).collect());
    }
    all
}

#[tokio::test]
async fn a_foreign_value_is_no_error_and_locks_nobody_out_for_longer_than_a_window() {
    let redis = connect(redis_url()).await;
    let prefix = format!("foreign-{}:", std::process::id());
    let limiter = RedisRateLimiter::with_prefix(redis.clone(), prefix.as_str());
    let even = Policy::new("even", Algorithm::TokenBucket, [Quota::per_minute(60).with_burst(10)]).unwrap();
    let policies = ALGORITHMS.map(|algorithm| policy("many", algorithm));
    for policy in policies.iter().chain([&even]) {
        let key = LimitKey::new("k");
        limiter.check(policy, &key, ONE).await.unwrap();
        let names: Vec<String> =
            redis.query(cmd("KEYS").arg(format!("{prefix}*{}|*", policy.name()))).await.unwrap();
        let name = names
            .iter()
            .find(|name| name.contains(&format!("|{}", &policy.algorithm().as_str()[..1])))
            .unwrap();
        let longest = policy.quotas().iter().map(Quota::window).max().unwrap();
        for commands in foreign(name) {
            for command in &commands {
                redis.query::<Value>(command).await.unwrap();
            }
            let decision = limiter.check(policy, &key, ONE).await.unwrap();
            let most = longest + longest / 12;
            assert!(decision.reset_after <= most, "{:?} {decision:?}", policy.algorithm());
            let wait = decision.retry_after.unwrap_or_default();
            assert!(wait <= most, "{:?} {decision:?}", policy.algorithm());
            // And what stands there now ends with the window, so that the state is ours again.
            let left: u64 = redis.query(cmd("PTTL").arg(name)).await.unwrap();
            assert!(u128::from(left) <= most.as_millis(), "{:?} stays for {left} ms", policy.algorithm());
        }
    }
}

/// A number of the future that a script of ours could have written.
#[tokio::test]
async fn a_state_far_ahead_of_the_clock_counts_for_nothing() {
    let redis = connect(redis_url()).await;
    let prefix = format!("ahead-{}:", std::process::id());
    let limiter = RedisRateLimiter::with_prefix(redis.clone(), prefix.as_str());
    let (secs, _): (u64, u64) = redis.query(&cmd("TIME")).await.unwrap();
    for (algorithm, part, counts) in [(Algorithm::FixedWindow, 3_600, 1), (Algorithm::SlidingWindow, 300, 13)]
    {
        let policy = Policy::new("p", algorithm, [Quota::per_hour(5)]).unwrap();
        limiter.check(&policy, &LimitKey::new("k"), ONE).await.unwrap();
        let names: Vec<String> = redis.query(cmd("KEYS").arg(format!("{prefix}*"))).await.unwrap();
        let name =
            names.iter().find(|name| name.contains(&format!("|{}", &algorithm.as_str()[..1]))).unwrap();
        let ahead = secs / part + if algorithm == Algorithm::FixedWindow { 1 } else { 12 };
        let mut state = ahead.to_le_bytes()[..6].to_vec();
        (0..counts).for_each(|_| state.extend(u32::MAX.to_le_bytes()));
        redis.query::<()>(cmd("SET").arg(name).arg(state).arg("PX").arg(7_200_000)).await.unwrap();
        let decision = limiter.check(&policy, &LimitKey::new("k"), ONE).await.unwrap();
        // In the last twelfth of an hour it may be what a clock that was set back has left behind.
        let is_near = (secs % 3_600) >= 3_290 && algorithm == Algorithm::FixedWindow;
        assert!(decision.allowed || is_near, "{algorithm:?} {decision:?}");
    }
}
