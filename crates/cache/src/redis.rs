//! A cache on Redis, for all processes together.

mod batch;
mod claims;
mod frame;
mod scan;
mod scripts;
mod tags;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use palisade_core::Clock;
use palisade_redis::{
    Redis,
    redis::{Cmd, Value, cmd},
};

pub use self::frame::SealKey;
use self::{claims::Claim, frame::Frames, scripts::Scripts};
use crate::{
    Cache, CacheFuture, CacheKey, Claimed, Entry, Error, Hit, Over, Pattern, Result, Stats, Tag, Token,
};

/// A cache on Redis, for all processes together, over the one shared handle.
///
/// - **One key** of Redis for each key, the prefix before it, and no command names two: a cluster can keep them anywhere.
///   It holds the value, or the claim of who is bringing it. Each expires.
/// - **Sealed**: a value carries an HMAC-SHA-256 over itself, its key and its expiry, under a key that Redis does not
///   have, and a claim one over itself and its key. What somebody else wrote, what was cut off and what was moved to
///   another key is a miss, is counted, and is removed. A claim lasts a minute at most.
/// - **Told**: whatever removes or replaces a value publishes that on [`RedisCache::channel`], for the memory of other
///   processes ([`TieredCache`](crate::TieredCache)).
/// - **A lost server** is [`Error::Unavailable`], after the time limit of the handle for the first to notice and at once
///   for the others.
/// - **Tags** are sorted sets of keys by their expiry, beside the values; an expired member goes with the next addition.
pub struct RedisCache {
    redis: Redis,
    names: Names,
    frames: Frames,
    scripts: Scripts,
    poisoned: AtomicU64,
}

/// How keys are called in Redis.
#[derive(Debug)]
struct Names {
    prefix: Box<str>,
    tags: Box<str>,
    channel: Box<str>,
    probe: Box<str>,
}

impl Names {
    fn new(prefix: &str) -> Self {
        let name = prefix.trim_end_matches(':');
        Self {
            prefix: prefix.into(),
            tags: format!("{name}-tag:").into(),
            channel: format!("{name}-invalidations").into(),
            // No caller's key has a control character.
            probe: format!("{prefix}\u{1f}probe").into(),
        }
    }

    fn of(&self, key: &CacheKey) -> String {
        [&*self.prefix, key.as_str()].concat()
    }

    fn of_tag(&self, tag: &Tag) -> String {
        [&*self.tags, tag.as_str()].concat()
    }
}

impl RedisCache {
    /// What the keys begin with unless told otherwise.
    pub const DEFAULT_PREFIX: &str = "cache:";

    /// A cache on this server. Processes that share it have the same prefix and the same `seal`; their clocks agree to
    /// within a fraction of the times to live.
    #[must_use]
    pub fn new(redis: Redis, prefix: &str, seal: SealKey, clock: Arc<dyn Clock>) -> Self {
        let names = Names::new(prefix);
        redis.probe_with(&names.probe);
        Self {
            redis,
            names,
            frames: Frames::new(seal, clock),
            scripts: Scripts::new(),
            poisoned: AtomicU64::new(0),
        }
    }

    /// Where it publishes what is no longer true: `k` and a key, `p` and a pattern.
    #[must_use]
    pub fn channel(&self) -> &str {
        &self.names.channel
    }

    /// The server it is on.
    #[must_use]
    pub const fn redis(&self) -> &Redis {
        &self.redis
    }

    /// Asks later, or says at once that there is nobody to ask.
    fn ask<'a, T: Send>(&'a self, answer: impl Future<Output = Result<T>> + Send + 'a) -> CacheFuture<'a, T> {
        if self.redis.is_up() { CacheFuture::later(answer) } else { CacheFuture::Now(Some(Err(lost()))) }
    }

    async fn find(&self, key: &CacheKey) -> Result<Option<Hit>> {
        let name = self.names.of(key);
        match self.redis.query::<Value>(cmd("GET").arg(&name)).await {
            Ok(Value::BulkString(bytes)) => Ok(self.open(key, &name, bytes.into()).await),
            Ok(_) => Ok(None),
            Err(error) => self.of_another_type(key, &name, error).await,
        }
    }

    /// The value in what Redis holds. A claim is none; what is damaged or foreign is none and goes.
    async fn open(&self, key: &CacheKey, name: &str, bytes: Bytes) -> Option<Hit> {
        if self.frames.claim(name, &bytes).is_some() {
            return None;
        }
        match self.frames.open(name, &bytes) {
            Ok(hit) => hit,
            Err(frame::Poisoned) => {
                self.discard(key, &self.scripts.delete_if(name, &bytes)).await;
                None
            }
        }
    }

    /// What somebody else keeps under a name, a list or a hash, is no value. Any other refusal is a failure.
    async fn of_another_type(
        &self,
        key: &CacheKey,
        name: &str,
        refusal: palisade_redis::Error,
    ) -> Result<Option<Hit>> {
        if !matches!(&refusal, palisade_redis::Error::Refused(code) if code == "WRONGTYPE") {
            return Err(refusal.into());
        }
        self.discard(key, cmd("UNLINK").arg(name)).await;
        Ok(None)
    }

    /// Counts a value that is none, and removes it so that the next reader need not look at it again.
    async fn discard(&self, key: &CacheKey, removal: &Cmd) {
        self.poisoned.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(namespace = key.namespace(), backend = "redis", "cache.poisoned");
        // Should this fail, it is found again.
        let _stays = self.redis.query::<Value>(removal).await;
    }

    async fn claimed(&self, key: &CacheKey, claim: Token, span: Duration, tags: &[Tag]) -> Result<Claimed> {
        let name = self.names.of(key);
        let sealed = self.frames.seal_reader(&name, claim, tags);
        let call = self.scripts.claim(&name, sealed, span);
        for _ in 0..2 {
            match self.redis.invoke(&self.scripts.claim, &call).await? {
                Value::Int(scripts::GRANTED) => {
                    // After the claim, which else could be granted when its tag has just been deleted and forgotten;
                    // and before the source is read, so that a later deletion takes the claim with it.
                    self.tag(key, tags, span).await?;
                    return Ok(Claimed::Granted);
                }
                Value::BulkString(bytes) => {
                    let bytes = Bytes::from(bytes);
                    match self.frames.claim(&name, &bytes) {
                        Some(Claim::Reader) => return Ok(Claimed::Taken),
                        Some(Claim::Writers) => return Ok(Claimed::Writing),
                        None => {}
                    }
                    if let Some(hit) = self.open(key, &name, bytes.clone()).await {
                        return Ok(Claimed::Hit(hit));
                    }
                    // Redis counts from when it was told, so a value goes a moment later there than it expires here.
                    self.redis.query::<Value>(&self.scripts.delete_if(&name, &bytes)).await?;
                }
                _ => return Ok(Claimed::Writing),
            }
        }
        // Twice it was none: somebody writes there faster than it can be removed.
        Ok(Claimed::Writing)
    }

    async fn filled(&self, entry: Entry, over: Over) -> Result<bool> {
        let name = self.names.of(&entry.key);
        self.tag(&entry.key, &entry.tags, entry.ttl.duration()).await?;
        let sealed = (self.frames.seal(&name, &entry), entry.ttl);
        let call = self.scripts.fill(&name, over, &self.names.channel, &entry.key, sealed);
        Ok(self.redis.invoke::<i64>(&self.scripts.fill, &call).await? == 1)
    }

    async fn deleted(&self, key: &CacheKey) -> Result<bool> {
        let call = self.scripts.delete(&self.names.of(key), &self.names.channel, key);
        Ok(self.redis.invoke::<i64>(&self.scripts.delete, &call).await? == 1)
    }

    async fn ended(&self, key: &CacheKey, write: Token, written: Option<Entry>) -> Result<()> {
        let name = self.names.of(key);
        let sealed = match &written {
            Some(entry) => {
                self.tag(key, &entry.tags, entry.ttl.duration()).await?;
                Some((self.frames.seal(&name, entry), entry.ttl))
            }
            None => None,
        };
        let writer = self.frames.seal_writer(&name, write);
        let call = self.scripts.end_write(&name, writer, &self.names.channel, key, sealed);
        Ok(self.redis.invoke::<Value>(&self.scripts.end_write, &call).await.map(drop)?)
    }
}

impl Cache for RedisCache {
    fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Hit>> {
        self.ask(self.find(key))
    }

    fn get_many<'a>(&'a self, keys: &'a [CacheKey]) -> CacheFuture<'a, Vec<Option<Hit>>> {
        self.ask(self.find_many(keys))
    }

    fn set(&self, entry: Entry) -> CacheFuture<'_, ()> {
        self.ask(async move { self.keep(vec![entry]).await })
    }

    fn set_many(&self, entries: Vec<Entry>) -> CacheFuture<'_, ()> {
        self.ask(self.keep(entries))
    }

    fn delete<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, bool> {
        self.ask(self.deleted(key))
    }

    fn delete_matching<'a>(&'a self, pattern: &'a Pattern) -> CacheFuture<'a, u64> {
        self.ask(self.delete_pattern(pattern))
    }

    fn delete_tagged<'a>(&'a self, tag: &'a Tag) -> CacheFuture<'a, u64> {
        self.ask(self.delete_tag(tag))
    }

    fn claim<'a>(
        &'a self,
        key: &'a CacheKey,
        claim: Token,
        span: Duration,
        tags: &'a [Tag],
    ) -> CacheFuture<'a, Claimed> {
        self.ask(self.claimed(key, claim, span, tags))
    }

    fn renew<'a>(&'a self, key: &'a CacheKey, claim: Token, span: Duration) -> CacheFuture<'a, bool> {
        self.ask(async move {
            let call = self.scripts.renew(&self.names.of(key), claim, span);
            let Value::BulkString(standing) = self.redis.invoke(&self.scripts.renew, &call).await? else {
                return Ok(false);
            };
            self.tag(key, &claims::tags_of(&standing), span).await?;
            Ok(true)
        })
    }

    fn fill(&self, entry: Entry, over: Over) -> CacheFuture<'_, bool> {
        self.ask(self.filled(entry, over))
    }

    fn release<'a>(&'a self, key: &'a CacheKey, claim: Token) -> CacheFuture<'a, ()> {
        self.ask(async move {
            let call = self.scripts.release(&self.names.of(key), claim);
            Ok(self.redis.invoke::<Value>(&self.scripts.release, &call).await.map(drop)?)
        })
    }

    fn begin_write<'a>(&'a self, key: &'a CacheKey, write: Token, span: Duration) -> CacheFuture<'a, ()> {
        self.ask(async move {
            let (name, channel) = (self.names.of(key), &*self.names.channel);
            let writer = self.frames.seal_writer(&name, write);
            let call = self.scripts.begin_write(&name, writer, span, channel, key);
            Ok(self.redis.invoke::<Value>(&self.scripts.begin_write, &call).await.map(drop)?)
        })
    }

    fn end_write<'a>(
        &'a self,
        key: &'a CacheKey,
        write: Token,
        written: Option<Entry>,
    ) -> CacheFuture<'a, ()> {
        self.ask(self.ended(key, write, written))
    }

    fn stats(&self) -> CacheFuture<'_, Stats> {
        self.ask(async move {
            let mut stats = Stats { poisoned: self.poisoned.load(Ordering::Relaxed), ..Stats::default() };
            self.count(&mut stats).await?;
            Ok(stats)
        })
    }
}

impl fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCache").field("redis", &self.redis).field("names", &self.names).finish()
    }
}

/// Whole milliseconds, as Redis counts: at least one, and no more than it takes.
fn millis(span: Duration) -> u64 {
    const LONGEST: u64 = 100 * 365 * 24 * 60 * 60 * 1_000;
    u64::try_from(span.as_millis()).unwrap_or(LONGEST).clamp(1, LONGEST)
}

fn lost() -> Error {
    palisade_redis::Error::Lost.into()
}

impl From<palisade_redis::Error> for Error {
    fn from(error: palisade_redis::Error) -> Self {
        Self::unavailable(error)
    }
}
