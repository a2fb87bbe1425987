//! What the cache has not been told.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use palisade_cache::{Cache as _, CacheKey, Caching};
use palisade_core::ManualClock;
use palisade_testkit::wait;

use super::{
    faulty::{Faulty, close, open},
    support::{Source, WITHIN, key, memory_cache, recipe, start},
};

fn faulty() -> (Caching, Faulty) {
    let cache = Faulty::new(memory_cache(Arc::new(ManualClock::default())));
    (start(cache.clone()), cache)
}

async fn holds(cache: &Faulty, key: &CacheKey) -> bool {
    cache.inner.get(key).await.unwrap().is_some()
}

#[tokio::test]
async fn what_was_cast_while_the_cache_was_told_is_told_again() {
    let (caching, cache) = faulty();
    let (source, key) = (Source::default(), key("twice"));
    // The first write of which the cache does not learn. It is told of it, and its answer is long on its way.
    let change = caching.change(&key).await;
    cache.lose(true);
    source.write();
    change.finish().await;
    close(&cache.deleted);
    cache.lose(false);
    wait::until("it is told", async || cache.waiting() == 1).await;
    // Somebody else has read the source, the second write begins and ends, and its end is lost.
    cache.lose(true);
    let change = caching.change(&key).await;
    caching_elsewhere(&cache, &key, 2).await;
    source.write();
    change.finish().await;
    cache.lose(false);
    open(&cache.deleted);
    caching.close(WITHIN).await;
    assert!(!holds(&cache, &key).await, "the old value is still there");
    assert_eq!(source.through(&caching, &key, &recipe()).await.value, 3);
}

/// Another process caches what it has read.
async fn caching_elsewhere(cache: &Faulty, key: &CacheKey, value: u64) {
    let elsewhere = start(cache.elsewhere());
    elsewhere.set(key, &value, &recipe()).await.unwrap();
}

#[tokio::test]
async fn an_answer_from_before_the_cache_was_told_is_not_used() {
    let (caching, cache) = faulty();
    let key = key("old");
    caching.set(&key, &1_u64, &recipe()).await.unwrap();
    cache.lose(true);
    caching.forget(&key).await;
    close(&cache.read);
    cache.lose(false);
    // It has read what it may not use, before the cache is told; then its answer is overtaken.
    let (reader, keys) = (caching.clone(), [key.clone()]);
    let mut read = Box::pin(async move { reader.get_many::<u64>(&keys).await });
    assert!(read.as_mut().now_or_never().is_none());
    caching.close(WITHIN).await;
    open(&cache.read);
    assert_eq!(read.await, [None]);
    caching.close(WITHIN).await;
    assert!(!holds(&cache, &key).await);
}

#[tokio::test]
async fn when_too_many_are_in_doubt_everything_is_forgotten() {
    let (caching, cache) = faulty();
    let keys: Vec<CacheKey> = (0..10_050).map(|id| key(&format!("many:{id}"))).collect();
    let other = key("other");
    caching.set_many(keys.iter().map(|key| (key.clone(), &1_u64)), &recipe()).await.unwrap();
    caching.set(&other, &1_u64, &recipe()).await.unwrap();
    let change = caching.change(&other).await;
    cache.lose(true);
    for key in &keys[..10_000] {
        caching.forget(key).await;
    }
    drop(change);
    for key in &keys[10_001..] {
        caching.forget(key).await;
    }
    caching.set(&key("more"), &1_u64, &recipe()).await.unwrap();
    cache.lose(false);
    assert_eq!(caching.get::<u64>(&keys[10_000]).await, None, "what is in doubt is not read");
    caching.close(WITHIN).await;
    assert_eq!(cache.inner.stats().await.unwrap().entries, 0);
    caching.set(&other, &2_u64, &recipe()).await.unwrap();
    assert_eq!(caching.get(&other).await, Some(2_u64), "it is in use again");
}

#[tokio::test]
async fn the_end_is_bounded() {
    let (caching, cache) = faulty();
    caching.set(&key("late"), &1_u64, &recipe()).await.unwrap();
    cache.lose(true);
    caching.forget(&key("late")).await;
    wait::end_of("closing", caching.close(Duration::from_millis(200))).await;
    cache.lose(false);
    caching.close(WITHIN).await;
    assert!(!holds(&cache, &key("late")).await, "and what can be done is done");
}
