//! The cache of a server.

use std::sync::Arc;

use palisade_cache::{Backend, Cache, Caching, MemoryCache, NoCache, RedisCache, SealKey, TieredCache};
use palisade_core::Timeline;
use palisade_redis::Redis;

use crate::{failure::Failure, foundation::Foundation};

/// Where this server caches, whether it does or not.
pub(crate) async fn cache(foundation: Arc<Foundation>) -> Result<Arc<dyn Cache>, Failure> {
    let settings = foundation.settings();
    let memory =
        || MemoryCache::new(Timeline::steady(&**foundation.clock()), settings.cache.memory_options());
    let shared = |redis: &Redis| {
        let seal = SealKey::derive(foundation.root_secret());
        RedisCache::new(redis.clone(), &settings.cache.prefix, seal, Arc::clone(foundation.clock()))
    };
    Ok(match (settings.cache_backend(), foundation.redis()) {
        (Backend::Redis, Some(redis)) => Arc::new(shared(redis)),
        (Backend::Tiered, Some(redis)) => {
            Arc::new(TieredCache::new(memory(), shared(redis), Arc::clone(foundation.random())))
        }
        (Backend::Memory, _) => Arc::new(memory()),
        // The settings let none of those that need Redis through without one.
        (Backend::None | Backend::Redis | Backend::Tiered, _) => Arc::new(NoCache),
    })
}

/// What domains cache with; `None` where the settings have turned the cache off.
pub(crate) async fn caching(
    foundation: Arc<Foundation>,
    cache: Arc<dyn Cache>,
) -> Result<Option<Caching>, Failure> {
    if !foundation.settings().cache.enabled {
        return Ok(None);
    }
    let random = Arc::clone(foundation.random());
    if !foundation.settings().measures() {
        return Ok(Some(Caching::start(cache, random)));
    }
    let (name, telemetry) = (foundation.settings().cache_backend().as_str(), foundation.telemetry());
    Ok(Some(Caching::measured(cache, random, name, telemetry)))
}
