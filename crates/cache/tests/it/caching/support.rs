//! What these tests need.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade_cache::{
    Cache, CacheKey, Caching, Error, Fetched, MemoryCache, MemoryOptions, Recipe, RedisCache, SealKey,
    Strategy, TieredCache, Ttl,
};
use palisade_core::{Clock, ManualClock, Secret, SystemClock, SystemRandom, Timeline};
use palisade_redis::{Redis, Settings};
use palisade_telemetry::metrics::Off;
use palisade_testkit::wait;
use tokio::sync::Semaphore;

/// Nothing of this takes longer on a busy machine.
pub(crate) const WITHIN: Duration = wait::PATIENCE;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    Source(u64),
    Cache(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Cache(error)
    }
}

pub(crate) fn key(text: &str) -> CacheKey {
    CacheKey::new(text.to_owned()).unwrap()
}

pub(crate) fn ttl(seconds: i64) -> Ttl {
    Ttl::from_seconds(seconds).unwrap()
}

/// Cache aside for 100 seconds.
pub(crate) fn recipe() -> Recipe {
    Recipe::new(ttl(100))
}

pub(crate) fn refreshing() -> Recipe {
    recipe().strategy(Strategy::RefreshAhead)
}

pub(crate) fn start(cache: impl Cache) -> Caching {
    Caching::start(Arc::new(cache), Arc::new(SystemRandom))
}

pub(crate) fn memory_cache(clock: Arc<dyn Clock>) -> MemoryCache {
    MemoryCache::new(Timeline::following(clock), MemoryOptions::default())
}

pub(crate) fn memory() -> (Caching, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (start(memory_cache(clock.clone())), clock)
}

/// A handle whose commands take so long at most.
pub(crate) async fn connect(url: String, limit: Duration) -> Redis {
    let timeout_ms = u64::try_from(limit.as_millis()).unwrap();
    let settings = Settings { timeout_ms, ..Settings::for_url(url) };
    Redis::connect(&settings, &Off::shared()).await.unwrap().unwrap()
}

pub(crate) fn redis_cache(redis: Redis, prefix: &str, clock: Arc<dyn Clock>) -> RedisCache {
    let seal = SealKey::derive(&Secret::new("the secret of these tests"));
    RedisCache::new(redis, prefix, seal, clock)
}

/// A process: a handle of its own on the tests' server.
pub(crate) async fn process(prefix: &str, clock: Arc<dyn Clock>) -> Caching {
    start(redis_cache(connect(palisade_testkit::redis_url(), WITHIN).await, prefix, clock))
}

/// Two of them, which share what is under the prefix.
pub(crate) async fn processes(prefix: &str) -> ([Caching; 2], Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    ([process(prefix, clock.clone()).await, process(prefix, clock.clone()).await], clock)
}

/// One with memory before Redis, once it hears what changes.
pub(crate) async fn tiered(prefix: &str) -> Caching {
    let far =
        redis_cache(connect(palisade_testkit::redis_url(), WITHIN).await, prefix, Arc::new(SystemClock));
    let near = MemoryCache::new(Timeline::steady(&SystemClock), MemoryOptions::default());
    let cache = TieredCache::new(near, far, Arc::new(SystemRandom));
    wait::until("it listens", async || cache.is_listening()).await;
    start(cache)
}

/// A prefix that no other test and no other run has.
pub(crate) fn prefix(name: &str) -> String {
    let unique = palisade_cache::Token::new(&SystemRandom);
    format!("caching-{name}-{unique:x}:")
}

/// What is cached: a number that grows, and how often it was read.
#[derive(Clone)]
pub(crate) struct Source(Arc<Inner>);

struct Inner {
    version: AtomicU64,
    begun: AtomicU64,
    /// Reading ends when there is a permit.
    gate: Semaphore,
}

impl Default for Source {
    /// Is read at once.
    fn default() -> Self {
        let source = Self::closed();
        source.open();
        source
    }
}

impl Source {
    /// Is not read to the end before it is opened.
    pub(crate) fn closed() -> Self {
        let (version, begun) = (AtomicU64::new(1), AtomicU64::new(0));
        Self(Arc::new(Inner { version, begun, gate: Semaphore::new(0) }))
    }

    pub(crate) fn open(&self) {
        self.0.gate.add_permits(1_000_000);
    }

    /// Lets one who reads go on.
    pub(crate) fn open_for_one(&self) {
        self.0.gate.add_permits(1);
    }

    pub(crate) fn write(&self) -> u64 {
        self.0.version.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// How many have begun to read.
    pub(crate) fn begun(&self) -> u64 {
        self.0.begun.load(Ordering::SeqCst)
    }

    pub(crate) async fn begins(&self, times: u64) {
        wait::until("the source is read", async || self.begun() >= times).await;
    }

    /// Reads, and is slow to say what it has read.
    pub(crate) async fn read(self) -> Result<u64, Failure> {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        let version = self.0.version.load(Ordering::SeqCst);
        self.0.gate.acquire().await.unwrap().forget();
        Ok(version)
    }

    pub(crate) async fn fail(self) -> Result<u64, Failure> {
        let version = self.read().await?;
        Err(Failure::Source(version))
    }

    /// Read through the cache.
    pub(crate) async fn through(&self, caching: &Caching, key: &CacheKey, recipe: &Recipe) -> Fetched<u64> {
        let source = self.clone();
        caching.get_or_fetch(key, recipe, move || source.read()).await.unwrap()
    }

    /// The same in a task.
    pub(crate) fn spawn(
        &self,
        caching: &Caching,
        key: &CacheKey,
        recipe: &Recipe,
    ) -> tokio::task::JoinHandle<Fetched<u64>> {
        let (source, caching, key, recipe) = (self.clone(), caching.clone(), key.clone(), recipe.clone());
        tokio::spawn(async move { source.through(&caching, &key, &recipe).await })
    }

    /// How many hold it.
    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}
