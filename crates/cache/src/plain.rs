//! A cache that can get, set and delete, as a [`Cache`].

mod frame;
mod marks;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use palisade_core::{Clock, Random};

use self::{frame::Frame, marks::Marks};
use crate::{Cache, CacheFuture, CacheKey, Claimed, Entry, Hit, Over, Pattern, Result, Stats, Tag, Token};

/// The least that a store of values can do. [`Plain`] makes a [`Cache`] of it.
///
/// A value may vanish at any time, and must be gone after its time to live, give or take a second.
///
/// # Errors
/// Each answer can be [`Error::Unavailable`](crate::Error::Unavailable).
pub trait PlainCache: Send + Sync + fmt::Debug + 'static {
    /// The value of a key.
    fn get<'a>(&'a self, key: &'a str) -> CacheFuture<'a, Option<Bytes>>;

    /// Keeps a value, whatever was there.
    fn set<'a>(&'a self, key: &'a str, value: Bytes, ttl: Duration) -> CacheFuture<'a, ()>;

    /// Removes a key; says whether it had a value.
    fn delete<'a>(&'a self, key: &'a str) -> CacheFuture<'a, bool>;
}

/// A [`Cache`] made of a [`PlainCache`].
///
/// What a plain cache cannot do is done in this process: who fetches a missing value, and which keys are being written. In
/// one process the guarantees are those of [`Cache`]. Across processes that share the store they are weaker, because the
/// store cannot compare and set:
///
/// - each process fetches a missing value once;
/// - a value that another process read before a change, and keeps after it, stays until its time to live is over;
/// - forgetting by pattern or by tag forgets every value, and counts none.
///
/// A backend that can compare and set should implement [`Cache`] itself.
///
/// ```
/// use std::{collections::HashMap, sync::{Arc, Mutex}, time::Duration};
/// use bytes::Bytes;
/// use palisade_cache::{CacheFuture, Plain, PlainCache};
/// use palisade_core::{SystemClock, SystemRandom};
///
/// #[derive(Debug, Default)]
/// struct Shelf(Mutex<HashMap<String, Bytes>>);
///
/// impl PlainCache for Shelf {
///     fn get<'a>(&'a self, key: &'a str) -> CacheFuture<'a, Option<Bytes>> {
///         CacheFuture::now(self.0.lock().unwrap().get(key).cloned())
///     }
///
///     fn set<'a>(&'a self, key: &'a str, value: Bytes, _: Duration) -> CacheFuture<'a, ()> {
///         self.0.lock().unwrap().insert(key.to_owned(), value);
///         CacheFuture::now(())
///     }
///
///     fn delete<'a>(&'a self, key: &'a str) -> CacheFuture<'a, bool> {
///         CacheFuture::now(self.0.lock().unwrap().remove(key).is_some())
///     }
/// }
///
/// let cache = Plain::new(Shelf::default(), Arc::new(SystemClock), Arc::new(SystemRandom));
/// # let _ = cache;
/// ```
pub struct Plain<C> {
    store: C,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    marks: Marks,
}

/// The key of the number that each value carries. Values with another number count as absent.
const GENERATION: &str = "\u{1f}generation";
/// How long that number stays: longer than any value.
const GENERATION_TTL: Duration = Duration::from_secs(400 * 24 * 60 * 60);

impl<C: PlainCache> Plain<C> {
    /// A cache in this store. The clock must be that of all processes that share it.
    #[must_use]
    pub fn new(store: C, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { store, clock, random, marks: Marks::default() }
    }

    async fn read(&self, key: &CacheKey) -> Result<Option<Hit>> {
        let Some(bytes) = self.store.get(key.as_str()).await? else { return Ok(None) };
        let (generation, now) = (self.generation().await?, self.clock.now());
        Ok(Frame::read(&bytes)
            .filter(|frame| frame.generation == generation)
            .and_then(|frame| frame.hit(now)))
    }

    async fn write(&self, entry: Entry) -> Result<()> {
        let (generation, now) = (self.generation().await?, self.clock.now());
        let (key, ttl) = (entry.key.clone(), entry.ttl.duration());
        self.store.set(key.as_str(), Frame::of(entry, generation, now), ttl).await
    }

    async fn generation(&self) -> Result<u64> {
        let kept = self.store.get(GENERATION).await?;
        let number = kept.as_deref().and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
        Ok(number.unwrap_or_default())
    }

    /// From now on every value counts as absent, and so does what is being fetched.
    async fn forget_all(&self) -> Result<u64> {
        self.marks.end_claims();
        let number: [u8; 8] = self.random.bytes();
        self.store.set(GENERATION, Bytes::copy_from_slice(&number), GENERATION_TTL).await?;
        Ok(0)
    }

    async fn fill_claimed(&self, entry: Entry, claim: Token) -> Result<bool> {
        let key = entry.key.clone();
        if !self.marks.is_claimed(&key, claim, self.clock.now()) {
            return Ok(false);
        }
        self.write(entry).await?;
        // A write that began meanwhile has ended the claim: the value may be older than the source.
        let stands = self.marks.end_claim(&key, claim, self.clock.now());
        if !stands {
            self.store.delete(key.as_str()).await?;
        }
        Ok(stands)
    }

    async fn replace(&self, entry: Entry, version: Token) -> Result<bool> {
        let key = entry.key.clone();
        let is_present = self.read(&key).await?.is_some_and(|hit| hit.version == version);
        if !is_present || self.marks.is_written(&key, self.clock.now()) {
            return Ok(false);
        }
        self.write(entry).await?;
        let is_written = self.marks.is_written(&key, self.clock.now());
        if is_written {
            self.store.delete(key.as_str()).await?;
        }
        Ok(!is_written)
    }
}

impl<C: PlainCache> Cache for Plain<C> {
    fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Hit>> {
        CacheFuture::later(self.read(key))
    }

    fn get_many<'a>(&'a self, keys: &'a [CacheKey]) -> CacheFuture<'a, Vec<Option<Hit>>> {
        CacheFuture::later(async move {
            let mut hits = Vec::with_capacity(keys.len());
            for key in keys {
                hits.push(self.read(key).await?);
            }
            Ok(hits)
        })
    }

    fn set(&self, entry: Entry) -> CacheFuture<'_, ()> {
        self.marks.end_any_claim(&entry.key);
        CacheFuture::later(self.write(entry))
    }

    fn set_many(&self, entries: Vec<Entry>) -> CacheFuture<'_, ()> {
        CacheFuture::later(async move {
            for entry in entries {
                self.marks.end_any_claim(&entry.key);
                self.write(entry).await?;
            }
            Ok(())
        })
    }

    fn delete<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, bool> {
        CacheFuture::later(async move {
            self.marks.end_any_claim(key);
            let was_there = self.read(key).await?.is_some();
            Ok(self.store.delete(key.as_str()).await? && was_there)
        })
    }

    fn delete_matching<'a>(&'a self, _: &'a Pattern) -> CacheFuture<'a, u64> {
        CacheFuture::later(self.forget_all())
    }

    fn delete_tagged<'a>(&'a self, _: &'a Tag) -> CacheFuture<'a, u64> {
        CacheFuture::later(self.forget_all())
    }

    fn claim<'a>(
        &'a self,
        key: &'a CacheKey,
        claim: Token,
        span: Duration,
        _: &'a [Tag],
    ) -> CacheFuture<'a, Claimed> {
        CacheFuture::later(async move {
            if let Some(hit) = self.read(key).await? {
                return Ok(Claimed::Hit(hit));
            }
            Ok(self.marks.claim(key, claim, self.clock.now(), span))
        })
    }

    fn renew<'a>(&'a self, key: &'a CacheKey, claim: Token, span: Duration) -> CacheFuture<'a, bool> {
        CacheFuture::now(self.marks.renew(key, claim, self.clock.now(), span))
    }

    fn fill(&self, entry: Entry, over: Over) -> CacheFuture<'_, bool> {
        match over {
            Over::Claim(claim) => CacheFuture::later(self.fill_claimed(entry, claim)),
            Over::Value(version) => CacheFuture::later(self.replace(entry, version)),
        }
    }

    fn release<'a>(&'a self, key: &'a CacheKey, claim: Token) -> CacheFuture<'a, ()> {
        self.marks.end_claim(key, claim, self.clock.now());
        CacheFuture::now(())
    }

    fn begin_write<'a>(&'a self, key: &'a CacheKey, write: Token, span: Duration) -> CacheFuture<'a, ()> {
        self.marks.begin_write(key, write, self.clock.now(), span);
        CacheFuture::later(async move { self.store.delete(key.as_str()).await.map(drop) })
    }

    fn end_write<'a>(
        &'a self,
        key: &'a CacheKey,
        write: Token,
        written: Option<Entry>,
    ) -> CacheFuture<'a, ()> {
        CacheFuture::later(async move {
            let alone = self.marks.is_written_by(key, write, self.clock.now());
            match written.filter(|_| alone) {
                Some(entry) => self.write(entry).await?,
                // What another process has kept meanwhile may be older than the source.
                None => self.store.delete(key.as_str()).await.map(drop)?,
            }
            if !self.marks.end_write(key, write, self.clock.now()) {
                self.store.delete(key.as_str()).await?;
            }
            Ok(())
        })
    }

    fn stats(&self) -> CacheFuture<'_, Stats> {
        CacheFuture::now(Stats::default())
    }
}

impl<C: fmt::Debug> fmt::Debug for Plain<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Plain").field(&self.store).finish()
    }
}
