//! Caching.
mod answer;
mod cache;
#[cfg(feature = "macros")]
mod cached;
mod caching;
mod codec;
#[cfg(feature = "testing")]
pub mod conformance;
mod error;
mod key;
mod memory;
mod none;
mod pattern;
#[cfg(feature = "redis")]
mod redis;
mod strategy;
#[cfg(feature = "redis")]
mod tiered;
mod ttl;
mod typed;
#[cfg(feature = "redis")]
pub use self::redis::{RedisCache, SealKey};
pub use answer::Answer;
pub use cache::{Cache, Claimed, Entry, Hit, Over, Stats, Token};
#[cfg(feature = "macros")]
pub use cached::Escaped;
pub use caching::{Caching, Change, Counters, Fetched, Lookup};
pub use error::{Error, Result};
pub use key::{Key, Namespace, Tag};
pub use memory::{MemoryCache, MemoryOptions};
pub use none::NoCache;
#[cfg(feature = "macros")]
pub use palisade_cache_macros::cached;
pub use pattern::Pattern;
pub use strategy::{Recipe, Strategy};
#[cfg(feature = "redis")]
pub use tiered::TieredCache;
pub use ttl::Ttl;
pub use typed::Typed;

/// For the code that `#[cached]` writes; anything here may change.
#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod __private {
    pub use crate::cached::{Fallible, Optional, Plan, Text, find, get, seconds};
}
