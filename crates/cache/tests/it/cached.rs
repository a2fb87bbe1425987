//! `#[cached]`: a function that is asked when the cache does not know.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::{join, join_all};
use palisade_cache::{
    CacheKey, Caching, Error, Escaped, MemoryCache, MemoryOptions, Result, Tag, Ttl, cached,
};
use palisade_core::{ManualClock, SystemRandom, Timeline};
use tokio::sync::Semaphore;

#[derive(Clone)]
struct Users {
    cache: Caching,
    tenant: &'static str,
    ttl: Ttl,
    asked: Arc<AtomicU64>,
}

struct Filter {
    name: String,
    pages: (u32, u32),
}

impl Users {
    fn new() -> (Self, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        let memory = MemoryCache::new(Timeline::following(clock.clone()), MemoryOptions::default());
        let cache = Caching::start(Arc::new(memory), Arc::new(SystemRandom));
        let ttl = Ttl::from_seconds(50).unwrap();
        (Self { cache, tenant: "t", ttl, asked: Arc::default() }, clock)
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    fn ask(&self) {
        self.asked.fetch_add(1, Ordering::SeqCst);
    }

    /// By number.
    #[cached(key = "users:{id}", ttl = 300)]
    async fn by_id(&self, id: u64) -> Result<String> {
        self.ask();
        tokio::task::yield_now().await;
        Ok(format!("user {id}"))
    }

    #[cached(key = "pairs:{p}:{q}", ttl = "self.ttl", strategy = "refresh_ahead")]
    async fn pair(&self, p: &str, q: &str) -> Result<String> {
        self.ask();
        Ok(format!("{p}|{q}"))
    }

    #[cached(key = "found:{self.tenant}:{filter.name}:{filter.pages.1}", ttl = self.ttl, cache = self.cache.clone())]
    async fn find(&self, filter: Arc<Filter>, mut from: u32, ids: &[u32]) -> Result<Vec<u32>, Error> {
        self.ask();
        if filter.name.is_empty() {
            return Err(Error::QueueFull(0));
        }
        from += 1;
        Ok([&[from, filter.pages.1], ids].concat())
    }

    #[cached(key = "maybe:{id}", ttl = 300, negative_ttl = 10, tags = ["users", "org:{id}"])]
    async fn maybe(&self, id: u64) -> Result<Option<u64>, Error> {
        self.ask();
        Ok((id > 10).then_some(id))
    }
}

#[cached(key = "{{free}}:{id}", ttl = 60)]
async fn free(cache: &Caching, id: u32, asked: Arc<AtomicU64>) -> Result<u32, Error> {
    asked.fetch_add(1, Ordering::SeqCst);
    let id: u32 = id.to_string().parse().map_err(|_| Error::QueueFull(1))?;
    Ok(id)
}

#[cached(key = "failing", ttl = 60)]
async fn failing(cache: &Caching, gate: Arc<Semaphore>) -> Result<u32, palisade_core::Error> {
    gate.acquire().await.unwrap().forget();
    Err(palisade_core::Error::not_found("No such book").with_reason("books.unknown").with_source("row 7"))
}

#[cached(key = "map", ttl = 60, cache = &caches.1)]
async fn elsewhere(caches: (u8, Caching)) -> std::result::Result<HashMap<String, u8>, Error> {
    Ok(HashMap::from([("a".to_owned(), caches.0)]))
}

#[tokio::test]
async fn a_method_is_asked_once() {
    let (users, clock) = Users::new();
    let callers = join_all((0..100).map(|_| users.by_id(7))).await;
    assert!(callers.iter().all(|user| user.as_deref() == Ok("user 7")));
    assert_eq!(users.asked(), 1);
    assert_eq!(users.by_id(8).await.unwrap(), "user 8");
    assert_eq!(users.cache.get::<String>(&CacheKey::new("users:7").unwrap()).await.unwrap(), "user 7");
    clock.advance(Duration::from_secs(301));
    users.by_id(7).await.unwrap();
    assert_eq!(users.asked(), 3);
}

#[tokio::test]
async fn all_who_wait_get_one_error_of_the_catalogue() {
    let (users, _) = Users::new();
    let gate = Arc::new(Semaphore::new(0));
    let callers = join_all((0..100).map(|_| failing(&users.cache, Arc::clone(&gate))));
    // Opened once all have come; a second fetch would wait for ever.
    let (outcomes, ()) = join(callers, async { gate.add_permits(1) }).await;
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!((error.status(), error.reason()), (404, Some("books.unknown")));
        assert_eq!((error.message(), error.causes().next().as_deref()), ("No such book", Some("row 7")));
    }
    assert_eq!(users.cache.counters().fetches, 1);
    gate.add_permits(1);
    assert!(failing(&users.cache, gate).await.is_err());
    assert_eq!(users.cache.counters().fetches, 2, "a failure is not cached");
}

#[tokio::test]
async fn a_separator_within_a_value_does_not_make_another_callers_key() {
    let (users, _) = Users::new();
    assert_eq!(users.pair("a:b", "c").await.unwrap(), "a:b|c");
    assert_eq!(users.pair("a", "b:c").await.unwrap(), "a|b:c");
    assert_eq!(users.pair("a%3Ab", "c").await.unwrap(), "a%3Ab|c");
    assert_eq!(users.pair("a:b", "c").await.unwrap(), "a:b|c");
    assert_eq!(users.asked(), 3);
    let key = CacheKey::new(format!("pairs:{}:c", Escaped("a:b"))).unwrap();
    users.cache.forget(&key).await;
    users.pair("a:b", "c").await.unwrap();
    assert_eq!(users.asked(), 4);
}

#[tokio::test]
async fn a_key_that_is_none_is_the_callers_error() {
    let (users, _) = Users::new();
    let long = "k".repeat(CacheKey::MAX_BYTES);
    for (p, q) in [(long.as_str(), ""), ("\n", ""), ("", "\0")] {
        assert!(matches!(users.pair(p, q).await, Err(Error::InvalidKey(_))));
    }
    assert_eq!(users.asked(), 0);
}

#[tokio::test]
async fn fields_of_arguments_and_of_the_receiver_make_keys() {
    let (users, _) = Users::new();
    let filter = |name: &str, page| Arc::new(Filter { name: name.to_owned(), pages: (0, page) });
    assert_eq!(users.find(filter("ann", 2), 1, &[9]).await.unwrap(), [2, 2, 9]);
    assert_eq!(users.find(filter("ann", 3), 1, &[]).await.unwrap(), [2, 3]);
    let other = Users { tenant: "u", ..users.clone() };
    assert_eq!(other.find(filter("ann", 2), 5, &[]).await.unwrap(), [6, 2]);
    // What does not stand in the key does not matter.
    assert_eq!(users.find(filter("ann", 2), 7, &[]).await.unwrap(), [2, 2, 9]);
    assert_eq!(users.find(filter("", 1), 1, &[]).await, Err(Error::QueueFull(0)));
    assert_eq!(users.asked(), 4);
}

#[tokio::test]
async fn that_there_is_nothing_has_its_own_time() {
    let (users, clock) = Users::new();
    assert_eq!((users.maybe(1).await.unwrap(), users.maybe(11).await.unwrap()), (None, Some(11)));
    clock.advance(Duration::from_secs(11));
    assert_eq!((users.maybe(1).await.unwrap(), users.maybe(11).await.unwrap()), (None, Some(11)));
    assert_eq!(users.asked(), 3);
    assert_eq!(users.cache.forget_tagged(&Tag::new("org:11").unwrap()).await.unwrap(), 1);
    assert_eq!(users.cache.forget_tagged(&Tag::new("users").unwrap()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_function_has_its_cache_among_its_arguments() {
    let (users, _) = Users::new();
    let asked = Arc::new(AtomicU64::new(0));
    for _ in 0..2 {
        assert_eq!(free(&users.cache, 5, Arc::clone(&asked)).await.unwrap(), 5);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(users.cache.get::<u32>(&CacheKey::new("{free}:5").unwrap()).await, Some(5));
    assert_eq!(elsewhere((3, users.cache.clone())).await.unwrap()["a"], 3);
}
