//! What was read lately, kept at hand: a trait [`Cache`] with backends in memory, on Redis and in two tiers, and
//! [`Caching`], which makes any of them safe to use: one fetch for any number of callers, nothing out of date brought
//! back, a lost backend that costs a miss and never an error.
//!
//! ```
//! use std::sync::Arc;
//! use palisade_cache::{Caching, Error, Lookup, MemoryCache, MemoryOptions, Namespace, Recipe, Ttl, Typed};
//! use palisade_core::{SystemClock, SystemRandom, Timeline};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let memory = MemoryCache::new(Timeline::steady(&SystemClock), MemoryOptions::default());
//! let caching = Caching::start(Arc::new(memory), Arc::new(SystemRandom));
//! let recipe = Recipe::new(Ttl::from_seconds(300)?);
//! let titles: Typed<String> = Typed::new(caching, Namespace::new("titles")?, recipe);
//!
//! for wanted in [Lookup::Miss, Lookup::Hit] {
//!     let found = titles.get_or_fetch(17, || async { Ok::<_, Error>("Emma".to_owned()) }).await?;
//!     assert_eq!((found.value.as_str(), found.lookup), ("Emma", wanted));
//! }
//! let change = titles.change(17).await?; // before the source is written
//! change.finish().await; // and after
//! assert_eq!(titles.get(17).await?, None);
//! # Ok(())
//! # }
//! ```
//!
//! `#[cached]` (feature `macros`) makes the body of a function such a fetch. All who wait for one fetch get its error,
//! which is therefore `Clone`, as `palisade_core::Error` is:
//!
//! ```
//! # #[cfg(feature = "macros")] {
//! use palisade_cache::{Caching, cached};
//! use palisade_core::Error;
//!
//! #[cached(key = "titles:{number}", ttl = 300)]
//! async fn title(cache: &Caching, number: u32) -> Result<String, Error> {
//!     if number == 17 { Ok("Emma".to_owned()) } else { Err(Error::not_found("No such book")) }
//! }
//! # }
//! ```
//!
//! The example `pages` puts it over a guarded function that asks over HTTP. A fetch is stored once, on the heap: the
//! future of a cached function is small whatever its body awaits.
//!
//! What it deliberately does not do: decide who may see a value (ask that before), keep what must not be lost, know HTTP.

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
mod measured;
mod memory;
mod none;
mod pattern;
mod plain;
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
pub use answer::CacheFuture;
pub use cache::{Cache, Claimed, Entry, Hit, Over, Stats, Token};
#[cfg(feature = "macros")]
pub use cached::Escaped;
pub use caching::{Caching, Change, Counters, Fetched, Lookup};
pub use error::{Error, Result};
pub use key::{CacheKey, Namespace, Tag};
pub use measured::{METRICS, MeasuredCache};
pub use memory::{MemoryCache, MemoryOptions};
pub use none::NoCache;
#[cfg(feature = "macros")]
pub use palisade_cache_macros::cached;
pub use pattern::Pattern;
pub use plain::{Plain, PlainCache};
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

/// For the code that `#[cached]` writes; anything here may change.
#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod __private {
    pub use crate::cached::{Fallible, Optional, Plan, Text, find, get, seconds};
}
