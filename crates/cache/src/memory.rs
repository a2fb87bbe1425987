//! A cache in the memory of this process.

mod slot;
#[cfg(feature = "redis")]
mod tier;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use moka::{Expiry, notification::RemovalCause, ops::compute::Op, sync::Cache as Moka};
use palisade_core::Timeline;

use self::slot::{Slot, State};
use crate::{Cache, CacheFuture, CacheKey, Claimed, Entry, Hit, Over, Pattern, Stats, Tag, Token};

/// What one entry costs beside its key and value: moka's own structures and ours, roughly.
const OVERHEAD: usize = 256;

/// How much a [`MemoryCache`] may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryOptions {
    /// Bytes of keys and values, with what it takes to keep them.
    pub max_bytes: u64,
    /// Values.
    pub max_entries: u64,
}

impl Default for MemoryOptions {
    /// 64 MiB and 100,000 values.
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_entries: 100_000 }
    }
}

/// A cache in the memory of this process, on moka: bounded by weight, and when it is full what is asked for most stays
/// (TinyLFU, Einziger, Friedman and Manes 2017). No method waits.
///
/// Other processes do not know of it: what one of them changes is seen here when it expires. Several processes share
/// [`RedisCache`](crate::RedisCache), or have [`TieredCache`](crate::TieredCache) tell each other.
pub struct MemoryCache {
    /// Everything that writes goes through moka's entry API, which lets one caller at a time compute a key's next slot:
    /// what a fill or a deletion decides by cannot change under it.
    slots: Moka<CacheKey, Slot>,
    timeline: Timeline,
    evictions: Arc<AtomicU64>,
}

impl MemoryCache {
    /// An empty one.
    #[must_use]
    pub fn new(timeline: Timeline, options: MemoryOptions) -> Self {
        let evictions = Arc::new(AtomicU64::new(0));
        let (counted, share) = (Arc::clone(&evictions), least_weight(options));
        let slots = Moka::builder()
            .max_capacity(options.max_bytes)
            .weigher(move |key: &CacheKey, slot: &Slot| weight(key, slot).max(share))
            .expire_after(ByItsOwnTime)
            .eviction_listener(move |_, slot, cause| {
                if cause == RemovalCause::Size && slot.is_value() {
                    counted.fetch_add(1, Ordering::Relaxed);
                }
            })
            .build();
        Self { slots, timeline, evictions }
    }

    fn now(&self) -> u64 {
        self.timeline.now().nanos()
    }

    /// Replaces the slot of a key by what `next` makes of the one that stands: a new one, none, or the same again.
    fn change<T>(&self, key: &CacheKey, next: impl FnOnce(Option<&Slot>, u64) -> (Op<Slot>, T)) -> Option<T> {
        let mut outcome = None;
        self.slots.entry_by_ref(key).and_compute_with(|standing| {
            let now = self.now();
            let standing = standing.map(moka::Entry::into_value);
            let standing = standing.as_ref().filter(|slot| slot.expires > now);
            let (op, told) = next(standing, now);
            outcome = Some(told);
            op
        });
        outcome
    }

    fn put(&self, entry: Entry) {
        let key = entry.key.clone();
        self.change(&key, |_, now| (Op::Put(Slot::of(entry, now)), ()));
    }

    /// Removes whatever stands under a key; says whether it was a value.
    fn remove(&self, key: &CacheKey) -> bool {
        self.change(key, |standing, _| (Op::Remove, standing.is_some_and(Slot::is_value))).unwrap_or_default()
    }

    fn remove_where(&self, meant: impl Fn(&CacheKey, &Slot) -> bool) -> u64 {
        let meant = self.slots.iter().filter(|(key, slot)| meant(key, slot));
        meant.map(|(key, _)| u64::from(self.remove(&key))).sum()
    }

    /// The value of a key, without the form of an answer.
    pub(crate) fn find(&self, key: &CacheKey) -> Option<Hit> {
        self.slots.get(key)?.into_hit(self.now())
    }
}

impl Cache for MemoryCache {
    fn get<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, Option<Hit>> {
        CacheFuture::now(self.find(key))
    }

    fn get_many<'a>(&'a self, keys: &'a [CacheKey]) -> CacheFuture<'a, Vec<Option<Hit>>> {
        CacheFuture::now(keys.iter().map(|key| self.find(key)).collect())
    }

    fn set(&self, entry: Entry) -> CacheFuture<'_, ()> {
        self.put(entry);
        CacheFuture::now(())
    }

    fn set_many(&self, entries: Vec<Entry>) -> CacheFuture<'_, ()> {
        entries.into_iter().for_each(|entry| self.put(entry));
        CacheFuture::now(())
    }

    fn delete<'a>(&'a self, key: &'a CacheKey) -> CacheFuture<'a, bool> {
        CacheFuture::now(self.remove(key))
    }

    fn delete_matching<'a>(&'a self, pattern: &'a Pattern) -> CacheFuture<'a, u64> {
        CacheFuture::now(self.remove_where(|key, _| pattern.matches(key)))
    }

    fn delete_tagged<'a>(&'a self, tag: &'a Tag) -> CacheFuture<'a, u64> {
        CacheFuture::now(self.remove_where(|_, slot| slot.tags().contains(tag)))
    }

    fn claim<'a>(
        &'a self,
        key: &'a CacheKey,
        claim: Token,
        span: Duration,
        tags: &'a [Tag],
    ) -> CacheFuture<'a, Claimed> {
        let claimed = self.change(key, |standing, now| {
            if let Some(hit) = standing.and_then(|slot| slot.hit(now)) {
                return (Op::Nop, Claimed::Hit(hit));
            }
            match standing.map(|slot| &slot.state) {
                Some(State::Reading(_)) => (Op::Nop, Claimed::Taken),
                Some(State::Writing(_) | State::Contested(_)) => (Op::Nop, Claimed::Writing),
                Some(State::Value { .. }) | None => {
                    (Op::Put(Slot::new(State::Reading(claim), now, span, tags)), Claimed::Granted)
                }
            }
        });
        CacheFuture::now(claimed.unwrap_or(Claimed::Writing))
    }

    fn renew<'a>(&'a self, key: &'a CacheKey, claim: Token, span: Duration) -> CacheFuture<'a, bool> {
        let renewed = self.change(key, |standing, now| match standing {
            Some(slot) if slot.state == State::Reading(claim) => {
                (Op::Put(Slot::new(State::Reading(claim), now, span, slot.tags())), true)
            }
            _ => (Op::Nop, false),
        });
        CacheFuture::now(renewed.unwrap_or_default())
    }

    fn fill(&self, entry: Entry, over: Over) -> CacheFuture<'_, bool> {
        let key = entry.key.clone();
        let filled = self.change(&key, |standing, now| match standing {
            Some(slot) if slot.is(over) => (Op::Put(Slot::of(entry, now)), true),
            _ => (Op::Nop, false),
        });
        CacheFuture::now(filled.unwrap_or_default())
    }

    fn release<'a>(&'a self, key: &'a CacheKey, claim: Token) -> CacheFuture<'a, ()> {
        self.change(key, |standing, _| match standing {
            Some(slot) if slot.state == State::Reading(claim) => (Op::Remove, ()),
            _ => (Op::Nop, ()),
        });
        CacheFuture::now(())
    }

    fn begin_write<'a>(&'a self, key: &'a CacheKey, write: Token, span: Duration) -> CacheFuture<'a, ()> {
        self.change(key, |standing, now| {
            // Who deletes by the tag of what was there means what is being written too.
            let tags = standing.map_or(&[][..], Slot::tags);
            let alone = Slot::new(State::Writing(write), now, span, tags);
            let mut writers = standing.map(|slot| slot.writers(now)).unwrap_or_default();
            if writers.is_empty() {
                return (Op::Put(alone), ());
            }
            writers.extend(alone.writers(now));
            (Op::Put(Slot::contested(writers, now, tags)), ())
        });
        CacheFuture::now(())
    }

    fn end_write<'a>(
        &'a self,
        key: &'a CacheKey,
        write: Token,
        written: Option<Entry>,
    ) -> CacheFuture<'a, ()> {
        self.change(key, |standing, now| {
            let Some(slot) = standing else { return (Op::Nop, ()) };
            // Also one who has come since the time of this write was over: both may have written.
            let mut others = slot.writers(now);
            others.retain(|writer| writer.write != write);
            let next = match written {
                _ if !others.is_empty() => Op::Put(Slot::contested(others, now, slot.tags())),
                Some(entry) if slot.state == State::Writing(write) => Op::Put(Slot::of(entry, now)),
                _ => Op::Remove,
            };
            (next, ())
        });
        CacheFuture::now(())
    }

    fn stats(&self) -> CacheFuture<'_, Stats> {
        self.slots.run_pending_tasks();
        let now = self.now();
        let entries = self.slots.iter().filter(|(_, slot)| slot.hit(now).is_some()).count();
        CacheFuture::now(Stats {
            entries: u64::try_from(entries).unwrap_or(u64::MAX),
            bytes: Some(self.slots.weighted_size()),
            evictions: Some(self.evictions.load(Ordering::Relaxed)),
            poisoned: 0,
        })
    }
}

impl fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCache").field("bytes", &self.slots.weighted_size()).finish_non_exhaustive()
    }
}

fn weight(key: &CacheKey, slot: &Slot) -> u32 {
    let tags: usize = slot.tags().iter().map(|tag| tag.as_str().len()).sum();
    u32::try_from(OVERHEAD + key.as_str().len() + slot.bytes() + tags).unwrap_or(u32::MAX)
}

/// The weight that lets no more than `max_entries` in.
fn least_weight(options: MemoryOptions) -> u32 {
    u32::try_from(options.max_bytes.div_ceil(options.max_entries.max(1))).unwrap_or(u32::MAX)
}

/// Lets moka make room of what has expired. What a reader sees is decided by the slot itself.
struct ByItsOwnTime;

impl Expiry<CacheKey, Slot> for ByItsOwnTime {
    fn expire_after_create(&self, _: &CacheKey, slot: &Slot, _: Instant) -> Option<Duration> {
        Some(slot.lives)
    }

    fn expire_after_update(
        &self,
        _: &CacheKey,
        slot: &Slot,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(slot.lives)
    }
}
