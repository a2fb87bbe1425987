//! What these tests need.

use std::{sync::Arc, time::Duration};

use deadpool_redis::{Manager, Pool, Runtime, redis::AsyncConnectionConfig};
use palisade_cache::{
    CacheKey, Entry, MemoryCache, MemoryOptions, RedisCache, SealKey, Tag, TieredCache, Token, Ttl,
};
use palisade_core::{Secret, SystemClock, SystemRandom, Timeline};
use palisade_redis::{Redis, Settings, redis::cmd};
use palisade_telemetry::metrics::Off;
use palisade_testkit::wait;

/// A limit on time is not what most tests are about, and the machine may be busy.
pub(crate) async fn connect(url: String) -> Redis {
    connect_within(url, wait::PATIENCE).await
}

/// A handle whose commands take so long at most.
pub(crate) async fn connect_within(url: String, limit: Duration) -> Redis {
    let timeout_ms = u64::try_from(limit.as_millis()).unwrap();
    let settings = Settings { timeout_ms, connect_timeout_ms: 2 * timeout_ms, ..Settings::for_url(url) };
    Redis::connect(&settings, &Off::shared()).await.unwrap().unwrap()
}

/// The same over a pool that a service has. With `subscriptions`, changes can be heard.
pub(crate) async fn connect_pooled(url: String, subscriptions: bool) -> Redis {
    connect_pooled_within(url, subscriptions, wait::PATIENCE).await
}

pub(crate) async fn connect_pooled_within(url: String, subscriptions: bool, limit: Duration) -> Redis {
    // Its own time limit would end calls sooner.
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let manager = Manager::new_with_config(&*url, config).unwrap();
    let pool = Pool::builder(manager).runtime(Runtime::Tokio1).build().unwrap();
    let url = subscriptions.then(|| Secret::new(url));
    let timeout_ms = u64::try_from(limit.as_millis()).unwrap();
    let settings = Settings { url, timeout_ms, connect_timeout_ms: 2 * timeout_ms, ..Settings::default() };
    Redis::from_deadpool(pool, &settings, &Off::shared()).await.unwrap()
}

pub(crate) fn cache(redis: &Redis) -> RedisCache {
    cache_at(redis, RedisCache::DEFAULT_PREFIX)
}

pub(crate) fn cache_at(redis: &Redis, prefix: &str) -> RedisCache {
    let seal = SealKey::derive(&Secret::new("the secret of these tests"));
    RedisCache::new(redis.clone(), prefix, seal, Arc::new(SystemClock))
}

/// Two tiers, once they hear what changes.
pub(crate) async fn tiered(far: RedisCache) -> TieredCache {
    let near = MemoryCache::new(Timeline::steady(&SystemClock), MemoryOptions::default());
    let cache = TieredCache::new(near, far, Arc::new(SystemRandom));
    wait::until("it listens", async || cache.is_listening()).await;
    cache
}

/// How often the server has run a command.
pub(crate) async fn calls(redis: &Redis, command: &str) -> u64 {
    let stats: String = redis.query(cmd("INFO").arg("commandstats")).await.unwrap();
    let lines = stats.lines().filter(|line| line.starts_with(&format!("cmdstat_{command}:")));
    let calls = lines.filter_map(|line| line.split("calls=").nth(1)?.split(',').next()?.parse::<u64>().ok());
    calls.sum()
}

/// The value of a key as text.
pub(crate) async fn text(cache: &dyn palisade_cache::Cache, key: &CacheKey) -> Option<String> {
    let hit = cache.get(key).await.unwrap()?;
    Some(String::from_utf8(hit.value.to_vec()).unwrap())
}

/// Waits until a copy of the value is in memory.
pub(crate) async fn has_near(cache: &TieredCache, redis: &Redis, key: &CacheKey, value: &str) {
    wait::until("a copy is near", async || {
        let before = calls(redis, "get").await;
        text(cache, key).await.as_deref() == Some(value) && calls(redis, "get").await == before
    })
    .await;
}

pub(crate) fn token() -> Token {
    Token::new(&SystemRandom)
}

pub(crate) fn key(text: &str) -> CacheKey {
    CacheKey::new(text.to_owned()).unwrap()
}

pub(crate) fn tag(text: &str) -> Tag {
    Tag::new(text.to_owned()).unwrap()
}

/// An entry that lives for an hour: a test that waits for a change does not see it expire.
pub(crate) fn entry(key: &CacheKey, value: &str) -> Entry {
    living(key, value, Duration::from_secs(3_600))
}

pub(crate) fn living(key: &CacheKey, value: &str, span: Duration) -> Entry {
    let ttl = Ttl::new(span).unwrap();
    let value = value.to_owned().into();
    Entry { key: key.clone(), value, ttl, tags: Vec::new(), version: token() }
}
