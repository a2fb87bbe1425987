//! A cache made of get, set and delete.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use palisade_cache::{
    Cache, CacheFuture, CacheKey, Caching, Claimed, Entry, Error, Lookup, Namespace, Over, Pattern, Plain,
    PlainCache, Recipe, Token, Ttl, Typed,
};
use palisade_core::{ManualClock, Random, SystemRandom};

/// A map.
#[derive(Debug, Clone, Default)]
struct Shelf(Arc<Mutex<HashMap<String, Bytes>>>);

impl PlainCache for Shelf {
    fn get<'a>(&'a self, key: &'a str) -> CacheFuture<'a, Option<Bytes>> {
        CacheFuture::now(self.0.lock().unwrap().get(key).cloned())
    }

    fn set<'a>(&'a self, key: &'a str, value: Bytes, _: Duration) -> CacheFuture<'a, ()> {
        self.0.lock().unwrap().insert(key.to_owned(), value);
        CacheFuture::now(())
    }

    fn delete<'a>(&'a self, key: &'a str) -> CacheFuture<'a, bool> {
        CacheFuture::now(self.0.lock().unwrap().remove(key).is_some())
    }
}

const MINUTE: Duration = Duration::from_secs(60);

struct World {
    shelf: Shelf,
    clock: Arc<ManualClock>,
    key: CacheKey,
}

impl World {
    fn new() -> Self {
        Self { shelf: Shelf::default(), clock: Arc::default(), key: CacheKey::new("users:17").unwrap() }
    }

    /// A process on the store that all share.
    fn process(&self) -> Plain<Shelf> {
        Plain::new(self.shelf.clone(), self.clock.clone(), Arc::new(SystemRandom))
    }

    fn entry(&self, value: &'static str) -> Entry {
        Entry {
            key: self.key.clone(),
            value: Bytes::from_static(value.as_bytes()),
            ttl: Ttl::new(MINUTE).unwrap(),
            tags: Vec::new(),
            version: token(),
        }
    }
}

fn token() -> Token {
    let random: &dyn Random = &SystemRandom;
    Token::new(random)
}

async fn value(cache: &impl Cache, key: &CacheKey) -> Option<Bytes> {
    cache.get(key).await.unwrap().map(|hit| hit.value)
}

#[tokio::test]
async fn a_value_is_there_until_its_time_is_over_and_for_every_process() {
    let world = World::new();
    let (one, other) = (world.process(), world.process());
    one.set(world.entry("ann")).await.unwrap();
    world.clock.advance(MINUTE / 2);
    let hit = other.get(&world.key).await.unwrap().unwrap();
    assert_eq!((&*hit.value, hit.ttl, hit.left), (&b"ann"[..], MINUTE, MINUTE / 2));
    world.clock.advance(MINUTE / 2);
    assert_eq!(value(&other, &world.key).await, None);
}

#[tokio::test]
async fn of_many_readers_one_fetches_and_a_write_ends_its_claim() {
    let world = World::new();
    let cache = world.process();
    let (first, second, write) = (token(), token(), token());
    assert_eq!(cache.claim(&world.key, first, MINUTE, &[]).await.unwrap(), Claimed::Granted);
    assert_eq!(cache.claim(&world.key, second, MINUTE, &[]).await.unwrap(), Claimed::Taken);
    cache.begin_write(&world.key, write, MINUTE).await.unwrap();
    assert!(!cache.fill(world.entry("old"), Over::Claim(first)).await.unwrap());
    assert_eq!(cache.claim(&world.key, second, MINUTE, &[]).await.unwrap(), Claimed::Writing);
    cache.end_write(&world.key, write, Some(world.entry("new"))).await.unwrap();
    assert_eq!(value(&cache, &world.key).await.as_deref(), Some(&b"new"[..]));
}

#[tokio::test]
async fn two_writers_at_once_leave_nothing() {
    let world = World::new();
    let cache = world.process();
    let (one, other) = (token(), token());
    for write in [one, other] {
        cache.begin_write(&world.key, write, MINUTE).await.unwrap();
    }
    for write in [one, other] {
        cache.end_write(&world.key, write, Some(world.entry("whose?"))).await.unwrap();
        assert_eq!(value(&cache, &world.key).await, None);
    }
    assert_eq!(cache.claim(&world.key, token(), MINUTE, &[]).await.unwrap(), Claimed::Granted);
}

#[tokio::test]
async fn a_claim_whose_owner_has_died_ends() {
    let world = World::new();
    let cache = world.process();
    let (dead, alive) = (token(), token());
    cache.claim(&world.key, dead, MINUTE, &[]).await.unwrap();
    assert!(cache.renew(&world.key, dead, MINUTE).await.unwrap());
    world.clock.advance(MINUTE);
    assert_eq!(cache.claim(&world.key, alive, MINUTE, &[]).await.unwrap(), Claimed::Granted);
    assert!(!cache.renew(&world.key, dead, MINUTE).await.unwrap());
    assert!(cache.fill(world.entry("ann"), Over::Claim(alive)).await.unwrap());
}

#[tokio::test]
async fn forgetting_a_pattern_forgets_everything_in_every_process() {
    let world = World::new();
    let (one, other) = (world.process(), world.process());
    one.set(world.entry("ann")).await.unwrap();
    let claim = token();
    let missing = CacheKey::new("users:18").unwrap();
    other.claim(&missing, claim, MINUTE, &[]).await.unwrap();
    other.delete_matching(&Pattern::new("users:*").unwrap()).await.unwrap();
    assert_eq!(value(&one, &world.key).await, None);
    let late = Entry { key: missing.clone(), ..world.entry("old") };
    assert!(!other.fill(late, Over::Claim(claim)).await.unwrap());
    one.set(world.entry("bob")).await.unwrap();
    assert_eq!(value(&other, &world.key).await.as_deref(), Some(&b"bob"[..]));
}

#[tokio::test]
async fn bytes_of_somebody_else_are_a_miss() {
    let world = World::new();
    for bytes in [&b""[..], b"short", &[7; 40]] {
        world.shelf.0.lock().unwrap().insert(world.key.as_str().to_owned(), Bytes::from_static(bytes));
        assert_eq!(value(&world.process(), &world.key).await, None);
    }
}

#[tokio::test]
async fn it_caches_like_any_other() {
    let world = World::new();
    let caching = Caching::start(Arc::new(world.process()), Arc::new(SystemRandom));
    let recipe = Recipe::new(Ttl::new(MINUTE).unwrap());
    let titles: Typed<String> = Typed::new(caching, Namespace::new("titles").unwrap(), recipe);
    let fetches = Arc::new(AtomicU64::new(0));
    for wanted in [Lookup::Miss, Lookup::Hit] {
        let counted = Arc::clone(&fetches);
        let found = titles.get_or_fetch(17, move || async move {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Error>("Emma".to_owned())
        });
        let found = found.await.unwrap();
        assert_eq!((found.value.as_str(), found.lookup), ("Emma", wanted));
    }
    let change = titles.change(17).await.unwrap();
    change.finish().await;
    assert_eq!(titles.get(17).await.unwrap(), None);
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
}
