//! Caching.
mod answer;
mod cache;
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
mod settings;
mod strategy;
#[cfg(feature = "redis")]
mod tiered;
mod ttl;
mod typed;
mod write_behind;
#[cfg(feature = "redis")]
pub use self::redis::{RedisCache, SealKey};
pub use answer::Answer;
pub use cache::{Cache, Claimed, Entry, Hit, Over, Stats, Token};
pub use caching::{Caching, Change, Counters, Fetched, Lookup};
pub use error::{Error, Result};
pub use key::{Key, Namespace, Tag};
pub use memory::{MemoryCache, MemoryOptions};
pub use none::NoCache;
pub use pattern::Pattern;
pub use settings::{Backend, Settings};
pub use strategy::{Recipe, Strategy};
#[cfg(feature = "redis")]
pub use tiered::TieredCache;
pub use ttl::Ttl;
pub use typed::Typed;
pub use write_behind::{
    Aside, Closed, FileAside, Record, Sink, SinkError, WriteBehind, WriteBehindCounters, WriteBehindOptions,
    WriteBehindParts,
};
