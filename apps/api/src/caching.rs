//! The cache of this server.

use std::sync::Arc;

use palisade_cache::{
    Backend, Cache, Caching, MeasuredCache, MemoryCache, NoCache, RedisCache, SealKey, TieredCache,
};
use palisade_core::{Clock, Random, Secret, Timeline};
use palisade_redis::Redis;
use palisade_telemetry::metrics::Telemetry;

use crate::settings::Settings;

/// What a cache is made of.
pub(crate) struct Ground<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) redis: Option<&'a Redis>,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) random: &'a Arc<dyn Random>,
    pub(crate) signing_secret: &'a Secret,
    /// Where it is measured, if it is.
    pub(crate) telemetry: Option<&'a Arc<dyn Telemetry>>,
}

/// What this server caches with, where the settings want it to.
pub(crate) fn caching(ground: &Ground<'_>) -> Option<Caching> {
    if !ground.settings.cache.enabled {
        return None;
    }
    let (cache, random) = (cache(ground), Arc::clone(ground.random));
    let Some(telemetry) = ground.telemetry else { return Some(Caching::start(cache, random)) };
    let name = ground.settings.cache_backend().as_str();
    let caching = Caching::start(Arc::new(MeasuredCache::new(cache, name, telemetry)), random);
    caching.measure(name, telemetry);
    Some(caching)
}

/// Where this server caches, whether it does or not.
pub(crate) fn cache(ground: &Ground<'_>) -> Arc<dyn Cache> {
    let Ground { settings, redis, clock, random, signing_secret, .. } = ground;
    let memory = || MemoryCache::new(Timeline::steady(&***clock), settings.cache.memory_options());
    let shared = |redis: &Redis| {
        let seal = SealKey::derive(signing_secret);
        RedisCache::new(redis.clone(), &settings.cache.prefix, seal, Arc::clone(clock))
    };
    match (settings.cache_backend(), redis) {
        (Backend::Redis, Some(redis)) => Arc::new(shared(redis)),
        (Backend::Tiered, Some(redis)) => {
            Arc::new(TieredCache::new(memory(), shared(redis), Arc::clone(random)))
        }
        (Backend::Memory, _) => Arc::new(memory()),
        // The settings let none of those that need Redis through without one.
        (Backend::None | Backend::Redis | Backend::Tiered, _) => Arc::new(NoCache),
    }
}
