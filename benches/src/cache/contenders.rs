//! Who is measured.

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use moka::{Expiry, sync::Cache as Moka};
use palisade_cache::{
    Cache, CacheKey, Caching, Entry, Lookup, MemoryCache, MemoryOptions, Namespace, Recipe, Token, Ttl, Typed,
};
use palisade_core::{SystemClock, SystemRandom, Timeline, UserId};

use crate::{
    Problem,
    at_once::at_once,
    rounds::{Contender, Contenders, in_batches},
    user::{User, id, user},
};

const LIFE: Duration = Duration::from_secs(3_600);
/// Nobody is turned out for want of it.
const ROOM: MemoryOptions = MemoryOptions { max_bytes: 16 << 30, max_entries: 100_000_000 };

/// Reads of what is there, by something that the caller has at hand.
struct Reads<M, R> {
    make: M,
    read: R,
}

impl<K, M: Fn(u32) -> K + Sync, R: Fn(&K) -> bool + Sync> Contender for Reads<M, R> {
    fn time(&self, from: usize, keys: usize, calls: usize) -> Duration {
        in_batches(from, keys, calls, &self.make, |key| _ = black_box((self.read)(key)))
    }
}

/// A bare moka and ours, each with the same users in it; then what reading one of them takes besides. Must be called on
/// a runtime.
pub(crate) fn contenders(keys: u32) -> Result<Box<Contenders<'static>>, Problem> {
    let namespace = Namespace::new("users")?;
    let spare = namespace.key("nobody")?;
    let named = namespace.clone();
    let key = move |number| named.key(id(number)).unwrap_or_else(|_| spare.clone());
    let (bare, memory) = (moka(), memory());
    for number in 0..keys {
        let value = Bytes::from(serde_json::to_vec(&user(number))?);
        bare.insert(key(number), value.clone());
        let entry = Entry {
            key: key(number),
            // A copy of its own: what is counted in one is not at hand for the other.
            value: Bytes::copy_from_slice(&value),
            ttl: Ttl::new(LIFE)?,
            tags: Vec::new(),
            version: Token::new(&SystemRandom),
        };
        at_once(memory.set(entry)).ok_or("a cache in memory waits")??;
    }
    bare.run_pending_tasks();
    let caching = caching(memory);
    let users = Typed::<User>::new(caching.clone(), namespace.clone(), Recipe::new(Ttl::new(LIFE)?));
    let (found, fetched) = (users.clone(), users);
    let text: &'static [u8] = Vec::leak(serde_json::to_vec(&user(7))?);
    Ok(Box::new([
        ("moka", reads(keys, key.clone(), move |key| bare.get(key).is_some())?),
        ("Cache::get", reads(keys, key, move |key| is_hit(caching.cache(), key))?),
        ("Typed::get", reads(keys, id, move |id| is_found(&found, *id))?),
        ("Typed::get_or_fetch", reads(keys, id, move |id| is_fetched(&fetched, *id))?),
        ("making the key", reads(keys, id, move |id| namespace.key(id).is_ok())?),
        (
            "decoding the user",
            reads(keys, move |_| text, |text| serde_json::from_slice::<User>(text).is_ok())?,
        ),
    ]))
}

/// Whoever finds nothing would be fast for nothing, so all of it is read once.
fn reads<K: 'static>(
    keys: u32,
    make: impl Fn(u32) -> K + Sync + 'static,
    read: impl Fn(&K) -> bool + Sync + 'static,
) -> Result<Box<dyn Contender>, Problem> {
    match (0..keys).find(|number| !read(&make(*number))) {
        None => Ok(Box::new(Reads { make, read })),
        Some(number) => Err(format!("nothing is found under number {number}").into()),
    }
}

fn is_hit(cache: &dyn Cache, key: &CacheKey) -> bool {
    matches!(at_once(cache.get(key)), Some(Ok(Some(_))))
}

fn is_found(users: &Typed<User>, id: UserId) -> bool {
    matches!(at_once(users.get(id)), Some(Ok(Some(_))))
}

fn is_fetched(users: &Typed<User>, id: UserId) -> bool {
    let fetch = || async { Err::<User, _>(palisade_cache::Error::QueueFull(0)) };
    matches!(at_once(users.get_or_fetch(id, fetch)), Some(Ok(fetched)) if fetched.lookup == Lookup::Hit)
}

pub(crate) fn memory() -> MemoryCache {
    MemoryCache::new(Timeline::steady(&SystemClock), ROOM)
}

pub(crate) fn caching(cache: impl Cache) -> Caching {
    Caching::start(Arc::new(cache), Arc::new(SystemRandom))
}

/// With what ours asks of it: keys of text, a weight and a time to live for each.
fn moka() -> Moka<CacheKey, Bytes> {
    let weight =
        |key: &CacheKey, value: &Bytes| u32::try_from(key.as_str().len() + value.len()).unwrap_or(u32::MAX);
    Moka::builder().max_capacity(ROOM.max_bytes).weigher(weight).expire_after(ForAnHour).build()
}

struct ForAnHour;

impl Expiry<CacheKey, Bytes> for ForAnHour {
    fn expire_after_create(&self, _: &CacheKey, _: &Bytes, _: Instant) -> Option<Duration> {
        Some(LIFE)
    }
}
