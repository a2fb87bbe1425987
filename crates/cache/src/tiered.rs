//! Memory in front of Redis.

mod near;

use std::{fmt, sync::Arc, time::Duration};

use palisade_core::Random;
use palisade_redis::Subscription;

use self::near::Near;
use crate::{
    Cache, CacheFuture, CacheKey, Claimed, Entry, Hit, MemoryCache, Over, Pattern, RedisCache, Result, Stats,
    Tag, Token,
};

/// How long a copy may be on its way from Redis: more than any call on it takes.
const ON_THE_WAY: Duration = Duration::from_secs(5);

/// Memory in front of Redis: what this process has read lately costs no round trip, and what any process changes is
/// forgotten here as soon as Redis has said so.
///
/// Whatever goes through [`RedisCache`], in this process or another, is published; each process listens over a
/// connection of its own and forgets. While it cannot be sure to hear everything, which it notices within a quarter of a
/// second and the time limit of a command, the near tier is not asked, and it is empty when it is asked again. So no
/// process gives out what another has changed for longer than that, whatever the network does.
pub struct TieredCache {
    far: RedisCache,
    near: Arc<Near>,
    random: Arc<dyn Random>,
    _listening: Subscription,
}

impl TieredCache {
    /// `near` in front of `far`. Must be called on a runtime, where the task lives that listens.
    #[must_use]
    pub fn new(near: MemoryCache, far: RedisCache, random: Arc<dyn Random>) -> Self {
        let near = Arc::new(Near::new(near));
        let listening = far.redis().subscribe(far.channel(), Arc::clone(&near) as _);
        Self { far, near, random, _listening: listening }
    }

    /// Whether the near tier is in use: it hears what changes.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        self.near.is_listening()
    }

    /// Fetches a value and keeps a copy near, unless the key is forgotten meanwhile.
    async fn fetch(&self, key: &CacheKey) -> Result<Option<Hit>> {
        let claim = Token::new(&*self.random);
        let expected = self.near.is_listening() && self.near.memory.expect(key, claim, ON_THE_WAY);
        let answer = self.far.get(key).await;
        if expected {
            self.near.memory.receive(key, claim, answer.as_ref().ok().and_then(Option::as_ref));
        }
        answer
    }
}

impl Cache for TieredCache {
    fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Hit>> {
        match self.near.find(key) {
            Some(hit) => CacheFuture::now(Some(hit)),
            None => CacheFuture::later(self.fetch(key)),
        }
    }

    fn get_many<'a>(&'a self, keys: &'a [CacheKey]) -> CacheFuture<'a, Vec<Option<Hit>>> {
        let mut found: Vec<Option<Hit>> = keys.iter().map(|key| self.near.find(key)).collect();
        if found.iter().all(Option::is_some) {
            return CacheFuture::now(found);
        }
        CacheFuture::later(async move {
            let missing: Vec<CacheKey> = keys
                .iter()
                .zip(&found)
                .filter(|(_, hit)| hit.is_none())
                .map(|(key, _)| key.clone())
                .collect();
            let fetched = self.far.get_many(&missing).await?;
            for (place, hit) in found.iter_mut().filter(|hit| hit.is_none()).zip(fetched) {
                *place = hit;
            }
            Ok(found)
        })
    }

    fn set(&self, entry: Entry) -> CacheFuture<'_, ()> {
        CacheFuture::later(async move {
            let key = entry.key.clone();
            let set = self.far.set(entry).await;
            // Afterwards: a copy of the older value may have come meanwhile.
            self.near.memory.forget(&key);
            set
        })
    }

    fn set_many(&self, entries: Vec<Entry>) -> CacheFuture<'_, ()> {
        CacheFuture::later(async move {
            let keys: Vec<CacheKey> = entries.iter().map(|entry| entry.key.clone()).collect();
            let set = self.far.set_many(entries).await;
            keys.iter().for_each(|key| self.near.memory.forget(key));
            set
        })
    }

    fn delete<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, bool> {
        CacheFuture::later(async move {
            let deleted = self.far.delete(key).await;
            self.near.memory.forget(key);
            deleted
        })
    }

    fn delete_matching<'a>(&'a self, pattern: &'a Pattern) -> CacheFuture<'a, u64> {
        CacheFuture::later(async move {
            let deleted = self.far.delete_matching(pattern).await;
            self.near.memory.forget_matching(pattern);
            deleted
        })
    }

    fn delete_tagged<'a>(&'a self, tag: &'a Tag) -> CacheFuture<'a, u64> {
        CacheFuture::later(async move {
            let deleted = self.far.delete_tagged(tag).await;
            // The near tier does not know tags.
            self.near.memory.forget_matching(&Pattern::everything());
            deleted
        })
    }

    fn claim<'a>(
        &'a self,
        key: &'a CacheKey,
        claim: Token,
        span: Duration,
        tags: &'a [Tag],
    ) -> CacheFuture<'a, Claimed> {
        self.far.claim(key, claim, span, tags)
    }

    fn renew<'a>(&'a self, key: &'a CacheKey, claim: Token, span: Duration) -> CacheFuture<'a, bool> {
        self.far.renew(key, claim, span)
    }

    fn fill(&self, entry: Entry, over: Over) -> CacheFuture<'_, bool> {
        CacheFuture::later(async move {
            let key = entry.key.clone();
            let filled = self.far.fill(entry, over).await;
            // An older value gives way; the next reader fetches the new one.
            self.near.memory.forget(&key);
            filled
        })
    }

    fn release<'a>(&'a self, key: &'a CacheKey, claim: Token) -> CacheFuture<'a, ()> {
        self.far.release(key, claim)
    }

    fn begin_write<'a>(&'a self, key: &'a CacheKey, write: Token, span: Duration) -> CacheFuture<'a, ()> {
        CacheFuture::later(async move {
            let begun = self.far.begin_write(key, write, span).await;
            self.near.memory.forget(key);
            begun
        })
    }

    fn end_write<'a>(
        &'a self,
        key: &'a CacheKey,
        write: Token,
        written: Option<Entry>,
    ) -> CacheFuture<'a, ()> {
        CacheFuture::later(async move {
            let ended = self.far.end_write(key, write, written).await;
            self.near.memory.forget(key);
            ended
        })
    }

    fn stats(&self) -> CacheFuture<'_, Stats> {
        CacheFuture::later(async move {
            let stats = self.far.stats().await?;
            Ok(Stats { evictions: Some(self.near.memory.evictions()), ..stats })
        })
    }
}

impl fmt::Debug for TieredCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TieredCache").field("near", &self.near).field("far", &self.far).finish()
    }
}
