//! Where the values are.

use std::{sync::Arc, time::Duration};

use palisade_cache::{
    Cache, Caching, MemoryCache, MemoryOptions, Namespace, Recipe, RedisCache, SealKey, TieredCache, Ttl,
    Typed,
};
use palisade_core::{Secret, SystemClock, SystemRandom, Timeline};
use palisade_redis::{Redis, Settings};
use palisade_telemetry::metrics::Off;
use tokio::time::{sleep, timeout};

use crate::{
    Problem,
    user::{User, id, user},
};

/// How many users there are.
pub(crate) const USERS: u32 = 10_000;
/// What their names on Redis begin with.
pub(crate) const PREFIX: &str = "bench-cache:";

/// A Redis with users in it.
pub(crate) struct Place {
    url: String,
    /// The handle that `far` is on.
    pub(crate) redis: Redis,
    pub(crate) far: Typed<User>,
}

impl Place {
    pub(crate) async fn furnish(url: &str) -> Result<Self, Problem> {
        let redis = connect(url).await?;
        let far = typed(caching(shared(redis.clone())))?;
        let users: Vec<User> = (0..USERS).map(user).collect();
        for (part, users) in users.chunks(500).enumerate() {
            let numbers = (part * 500..).map_while(|number| u32::try_from(number).ok());
            far.set_many(numbers.map(id).zip(users)).await?;
        }
        Ok(Self { url: url.to_owned(), redis, far })
    }

    /// Another process that caches on this Redis.
    pub(crate) async fn caching(&self) -> Result<Caching, Problem> {
        Ok(caching(shared(connect(&self.url).await?)))
    }

    /// The same users with memory before them, and all of them in it.
    pub(crate) async fn tiered(&self) -> Result<Typed<User>, Problem> {
        let memory = MemoryCache::new(Timeline::steady(&SystemClock), MemoryOptions::default());
        let tiered =
            Arc::new(TieredCache::new(memory, shared(connect(&self.url).await?), Arc::new(SystemRandom)));
        let listening = async {
            while !tiered.is_listening() {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(10), listening).await?;
        let users = typed(Caching::start(tiered, Arc::new(SystemRandom)))?;
        for number in 0..USERS {
            users.get(id(number)).await?.ok_or("a user is not there")?;
        }
        Ok(users)
    }
}

async fn connect(url: &str) -> Result<Redis, Problem> {
    let settings = Settings { timeout_ms: 5_000, ..Settings::for_url(url) };
    Ok(Redis::connect(&settings, &Off::shared()).await?.ok_or("no url")?)
}

fn shared(redis: Redis) -> RedisCache {
    let seal = SealKey::derive(&Secret::new("the same in all processes"));
    RedisCache::new(redis, PREFIX, seal, Arc::new(SystemClock))
}

fn caching(cache: impl Cache) -> Caching {
    Caching::start(Arc::new(cache), Arc::new(SystemRandom))
}

fn typed(caching: Caching) -> Result<Typed<User>, Problem> {
    Ok(Typed::new(caching, Namespace::new("users")?, Recipe::new(Ttl::from_seconds(3_600)?)))
}
