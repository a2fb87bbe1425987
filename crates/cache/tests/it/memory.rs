//! The cache in memory.

use std::{sync::Arc, time::Duration};

use palisade_cache::{
    Cache as _, CacheKey, Claimed, Entry, MemoryCache, MemoryOptions, NoCache, Stats, Token, Ttl,
    conformance::{self, Time},
};
use palisade_core::{ManualClock, SystemClock, SystemRandom, Timeline};
use palisade_testkit::wait;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_passes_the_suite_in_turned_time() {
    let clock = Arc::new(ManualClock::default());
    let cache = MemoryCache::new(Timeline::following(clock.clone()), MemoryOptions::default());
    conformance::cache(Arc::new(cache), Time::Turned(clock)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_passes_the_suite_in_the_time_that_passes() {
    conformance::cache(Arc::new(steady(MemoryOptions::default())), Time::Real).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[should_panic(expected = "assertion failed")]
async fn no_cache_does_not_pass_the_suite() {
    conformance::cache(Arc::new(NoCache), Time::Turned(Arc::default())).await;
}

fn steady(options: MemoryOptions) -> MemoryCache {
    MemoryCache::new(Timeline::steady(&SystemClock), options)
}

fn entry(number: usize, bytes: usize, span: Duration) -> Entry {
    let (key, ttl) = (key(number), Ttl::new(span).unwrap());
    Entry { key, value: vec![0; bytes].into(), ttl, tags: Vec::new(), version: Token::new(&SystemRandom) }
}

fn key(number: usize) -> CacheKey {
    CacheKey::new(format!("k:{number}")).unwrap()
}

const LONG: Duration = Duration::from_secs(600);

async fn stats(cache: &MemoryCache) -> Stats {
    cache.stats().await.unwrap()
}

#[tokio::test]
async fn no_more_bytes_are_held_than_were_allowed() {
    let max_bytes = 8 << 20;
    let cache = steady(MemoryOptions { max_bytes, ..MemoryOptions::default() });
    for number in 1..=10_000 {
        cache.set(entry(number, 10 << 10, LONG)).await.unwrap();
        if number % 1_000 == 0 {
            let stats = stats(&cache).await;
            assert!(stats.bytes.unwrap() <= max_bytes, "{stats:?}");
        }
    }
    let stats = stats(&cache).await;
    assert!(stats.entries > 700, "it is nearly full: {stats:?}");
    assert_eq!(
        stats.entries + stats.evictions.unwrap(),
        10_000,
        "what is not there was removed to make room"
    );
}

#[tokio::test]
async fn no_more_values_are_held_than_were_allowed() {
    let cache = steady(MemoryOptions { max_entries: 100, ..MemoryOptions::default() });
    for number in 0..1_000 {
        cache.set(entry(number, 10, LONG)).await.unwrap();
    }
    let stats = stats(&cache).await;
    assert!((90..=100).contains(&stats.entries), "{stats:?}");
    assert_eq!(stats.evictions, Some(1_000 - stats.entries));
}

#[tokio::test]
async fn what_is_too_large_is_not_held() {
    let cache = steady(MemoryOptions { max_bytes: 1 << 20, ..MemoryOptions::default() });
    cache.set(entry(1, 100, LONG)).await.unwrap();
    cache.set(entry(2, 2 << 20, LONG)).await.unwrap();
    let stats = stats(&cache).await;
    assert_eq!((stats.entries, stats.evictions), (1, Some(1)));
    assert_eq!(cache.get(&key(2)).await.unwrap(), None);
    assert!(cache.get(&key(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn claims_do_not_pile_up() {
    let cache = steady(MemoryOptions { max_entries: 100, ..MemoryOptions::default() });
    let claim = Token::new(&SystemRandom);
    for number in 0..10_000 {
        assert_eq!(cache.claim(&key(number), claim, LONG, &[]).await.unwrap(), Claimed::Granted);
    }
    let full = stats(&cache).await;
    assert!(full.bytes.unwrap() <= MemoryOptions::default().max_bytes, "{full:?}");
    assert_eq!((full.entries, full.evictions), (0, Some(0)), "they are no values");
    for number in 0..10_000 {
        cache.release(&key(number), claim).await.unwrap();
    }
    assert_eq!(stats(&cache).await.bytes, Some(0));
}

#[tokio::test]
async fn what_has_expired_is_let_go() {
    let cache = steady(MemoryOptions::default());
    let brief = Duration::from_millis(5);
    for number in 0..1_000 {
        cache.set(entry(number, 100, brief)).await.unwrap();
        cache.claim(&key(1_000 + number), Token::new(&SystemRandom), brief, &[]).await.unwrap();
    }
    // Nobody asks for the keys again.
    wait::until("nothing is left", async || stats(&cache).await.bytes == Some(0)).await;
    assert_eq!(stats(&cache).await, Stats { bytes: Some(0), evictions: Some(0), ..Stats::default() });
}
