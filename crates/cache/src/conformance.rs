//! The suite each [`Cache`] must pass, in time that is turned by hand or in the time that passes:
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap().block_on(async {
//! use std::sync::Arc;
//! use palisade_cache::{MemoryCache, MemoryOptions, conformance::{self, Time}};
//! use palisade_core::{ManualClock, Timeline};
//!
//! let clock = Arc::new(ManualClock::default());
//! let cache = MemoryCache::new(Timeline::following(clock.clone()), MemoryOptions::default());
//! conformance::cache(Arc::new(cache), Time::Turned(clock)).await;
//! # });
//! ```
//!
//! It may run on a store that others use, and again on the same one: its keys and tags have names of their own each
//! time. It takes some 20 MiB, which the store must have room for: a value that makes room for another is no failure of a
//! cache, and would be one of the suite. [`NoCache`](crate::NoCache) does not pass: it keeps nothing.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a suite fails by panicking")]

mod claims;
mod expiry;
mod forgetting;
mod keys;
mod many;
mod patterns;
mod races;
mod tags;
mod time;
mod values;
mod writes;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use palisade_core::{Random, SystemRandom};

pub use self::time::Time;
use crate::{Cache, CacheKey, Claimed, Entry, Hit, Over, Tag, Token, Ttl};

/// Holds every claim of the suite against the cache. On a runtime of several threads its races are races.
///
/// # Panics
/// At the first claim that does not hold.
pub async fn cache(subject: Arc<dyn Cache>, time: Time) {
    let random: &dyn Random = &SystemRandom;
    let run = u64::from_le_bytes(random.bytes());
    let suite = Suite { cache: subject, time, run, made: AtomicUsize::new(0) };
    match suite.time {
        // One hand turns the clock.
        Time::Turned(_) => {
            for claim in suite.claims_about_time() {
                claim.await;
            }
        }
        Time::Real => {
            join_all(suite.claims_about_time()).await;
        }
    }
    join_all(suite.claims()).await;
    suite.holds_in_races().await;
}

struct Suite {
    cache: Arc<dyn Cache>,
    time: Time,
    /// Tells the names of this run from those of others.
    run: u64,
    made: AtomicUsize,
}

/// Longer than any claim of the suite takes.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

impl Suite {
    /// Those that let time pass, and do little else, so that it does not pass unnoticed.
    fn claims_about_time(&self) -> Vec<BoxFuture<'_, ()>> {
        vec![
            Box::pin(self.a_value_lives_no_longer_than_it_was_to()),
            Box::pin(self.a_new_value_has_a_new_life()),
            Box::pin(self.a_renewed_claim_goes_with_its_tag()),
            Box::pin(self.a_claim_ends_by_itself()),
            Box::pin(self.who_renews_a_claim_keeps_it()),
            Box::pin(self.a_write_ends_by_itself()),
            Box::pin(self.a_write_that_took_too_long_leaves_nothing()),
            Box::pin(self.each_of_several_writes_has_its_own_time()),
        ]
    }

    fn claims(&self) -> Vec<BoxFuture<'_, ()>> {
        vec![
            Box::pin(self.holds_of_values()),
            Box::pin(self.holds_of_keys()),
            Box::pin(self.holds_of_many()),
            Box::pin(self.holds_of_patterns()),
            Box::pin(self.holds_of_tags()),
            Box::pin(self.holds_of_claims()),
            Box::pin(self.holds_of_forgetting()),
            Box::pin(self.holds_of_writes()),
        ]
    }

    /// What the names of one claim begin with, of which none has been used before.
    fn space(&self) -> String {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        format!("conformance-{:x}-{number}", self.run)
    }

    /// A key that no claim has used.
    fn key(&self) -> CacheKey {
        CacheKey::new(self.space() + ":key").unwrap()
    }

    /// A tag that no claim has used.
    fn tag(&self) -> Tag {
        Tag::new(self.space()).unwrap()
    }

    async fn get(&self, key: &CacheKey) -> Option<Hit> {
        self.cache.get(key).await.unwrap()
    }

    /// The value of a key as text.
    async fn text(&self, key: &CacheKey) -> Option<String> {
        let hit = self.get(key).await?;
        Some(String::from_utf8(hit.value.to_vec()).unwrap())
    }

    async fn set(&self, key: &CacheKey, value: &str) -> Token {
        self.set_tagged(key, value, &[]).await
    }

    async fn set_tagged(&self, key: &CacheKey, value: &str, tags: &[&Tag]) -> Token {
        let entry = tagged(key, value, tags);
        let version = entry.version;
        self.cache.set(entry).await.unwrap();
        version
    }

    async fn delete(&self, key: &CacheKey) -> bool {
        self.cache.delete(key).await.unwrap()
    }

    async fn claim(&self, key: &CacheKey, claim: Token) -> Claimed {
        self.claim_for(key, claim, LONG, &[]).await
    }

    async fn claim_for(&self, key: &CacheKey, claim: Token, span: Duration, tags: &[Tag]) -> Claimed {
        self.cache.claim(key, claim, span, tags).await.unwrap()
    }

    /// A claim of somebody new, who gets it.
    async fn granted(&self, key: &CacheKey) -> Token {
        let claim = token();
        assert_eq!(self.claim(key, claim).await, Claimed::Granted);
        claim
    }

    async fn fill(&self, key: &CacheKey, value: &str, over: Over) -> bool {
        self.cache.fill(entry(key, value), over).await.unwrap()
    }

    async fn begin(&self, key: &CacheKey) -> Token {
        self.begin_for(key, LONG).await
    }

    async fn begin_for(&self, key: &CacheKey, span: Duration) -> Token {
        let write = token();
        self.cache.begin_write(key, write, span).await.unwrap();
        write
    }

    async fn end(&self, key: &CacheKey, write: Token, value: Option<&str>) {
        let written = value.map(|value| entry(key, value));
        self.cache.end_write(key, write, written).await.unwrap();
    }
}

fn token() -> Token {
    Token::new(&SystemRandom)
}

fn entry(key: &CacheKey, value: impl AsRef<[u8]>) -> Entry {
    Entry {
        key: key.clone(),
        value: Bytes::copy_from_slice(value.as_ref()),
        ttl: Ttl::new(LONG).unwrap(),
        tags: Vec::new(),
        version: token(),
    }
}

fn tagged(key: &CacheKey, value: &str, tags: &[&Tag]) -> Entry {
    Entry { tags: tags.iter().copied().cloned().collect(), ..entry(key, value) }
}

fn hit_of(claimed: Claimed) -> Option<Hit> {
    if let Claimed::Hit(hit) = claimed { Some(hit) } else { None }
}
