//! Fetching anew before the end.

use std::time::Duration;

use palisade_cache::{Caching, Lookup};
use palisade_core::ManualClock;
use palisade_testkit::wait;

use super::support::{Failure, Source, key, memory, prefix, processes, recipe, refreshing};

/// Whatever the jitter, a value of 100 seconds is in the last fifth of its life and lives.
const DUE: Duration = Duration::from_secs(85);

async fn refreshes_once(caching: &[Caching], clock: &ManualClock) {
    let first = caching.first().unwrap();
    let (source, key) = (Source::closed(), key("due"));
    source.open_for_one();
    assert_eq!(source.through(first, &key, &refreshing()).await.lookup, Lookup::Miss);
    for round in 1..=10 {
        clock.advance(Duration::from_secs(60));
        for caching in caching {
            assert_eq!(source.through(caching, &key, &refreshing()).await.value, round);
        }
        assert_eq!(source.begun(), round, "a value that is not due is not fetched");
        clock.advance(DUE - Duration::from_secs(60));
        assert_eq!(source.write(), round + 1);
        let readers: Vec<_> =
            caching.iter().cycle().take(100).map(|one| source.spawn(one, &key, &refreshing())).collect();
        for reader in readers {
            let fetched = reader.await.unwrap();
            assert_eq!((fetched.value, fetched.lookup), (round, Lookup::Hit), "the value at hand is served");
        }
        // The claim of the round before may still stand, so that all of them have been refused.
        wait::until("it is refreshed", async || {
            source.through(first, &key, &refreshing()).await;
            source.begun() > round
        })
        .await;
        source.open_for_one();
        wait::until("the new value is there", async || first.get::<u64>(&key).await == Some(round + 1)).await;
        assert_eq!(source.begun(), round + 1, "one of them fetches");
    }
    let refreshes: u64 = caching.iter().map(|caching| caching.counters().refreshes).sum();
    assert_eq!(refreshes, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_readers_one_refreshes() {
    let (caching, clock) = memory();
    refreshes_once(&[caching], &clock).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_readers_in_two_processes_one_refreshes() {
    let (caching, clock) = processes(&prefix("refresh")).await;
    refreshes_once(&caching, &clock).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_comes_late_does_not_refresh_what_is_new() {
    let (caching, clock) = processes(&prefix("late")).await;
    let (source, key) = (Source::default(), key("late"));
    for round in 1..=20 {
        source.through(&caching[0], &key, &refreshing()).await;
        assert_eq!(source.begun(), round);
        clock.advance(DUE);
        let readers: Vec<_> = (0..50).map(|at| source.spawn(&caching[at % 2], &key, &refreshing())).collect();
        for reader in readers {
            reader.await.unwrap();
        }
        // The claim of the round before may still stand, so that all of them have been refused.
        wait::until("it is refreshed", async || {
            source.through(&caching[0], &key, &refreshing()).await;
            caching.iter().map(|caching| caching.counters().refreshes).sum::<u64>() >= round
        })
        .await;
        assert_eq!(source.begun(), round + 1);
    }
}

#[tokio::test]
async fn what_is_cached_aside_is_not_refreshed() {
    let (caching, clock) = memory();
    let source = Source::default();
    source.through(&caching, &key("aside"), &recipe()).await;
    clock.advance(DUE);
    assert_eq!(source.through(&caching, &key("aside"), &recipe()).await.lookup, Lookup::Hit);
    clock.advance(Duration::from_secs(16));
    assert_eq!(source.through(&caching, &key("aside"), &recipe()).await.lookup, Lookup::Miss);
    assert_eq!((source.begun(), caching.counters().refreshes), (2, 0));
}

#[tokio::test]
async fn a_refresh_that_fails_keeps_the_value_and_is_tried_once_a_second() {
    let (caching, clock) = memory();
    let source = Source::default();
    source.through(&caching, &key("failing"), &refreshing()).await;
    clock.advance(Duration::from_secs(82));
    for failures in 1..=3 {
        for _ in 0..20 {
            let failing = source.clone();
            let fetched = caching.get_or_fetch(&key("failing"), &refreshing(), move || failing.fail()).await;
            assert_eq!(fetched.unwrap().value, 1);
            wait::until("it has failed", async || caching.counters().failed_refreshes == failures).await;
        }
        assert_eq!(source.begun(), 1 + failures);
        clock.advance(Duration::from_millis(1_001));
    }
    wait::until("it is refreshed", async || {
        let fetched = source.through(&caching, &key("failing"), &refreshing()).await;
        clock.advance(Duration::from_millis(10));
        fetched.lookup == Lookup::Hit && caching.counters().refreshes == 1
    })
    .await;
}

#[tokio::test]
async fn a_value_of_which_a_refresh_finds_nothing_any_more_is_forgotten() {
    let (caching, clock) = memory();
    let find = async |there: Option<u64>| {
        let fetched = caching
            .find_or_fetch(&key("vanished"), &refreshing(), move || async move { Ok::<_, Failure>(there) })
            .await;
        fetched.unwrap().value
    };
    assert_eq!(find(Some(1)).await, Some(1));
    clock.advance(DUE);
    assert_eq!(find(None).await, Some(1));
    wait::until("it is forgotten", async || caching.get::<u64>(&key("vanished")).await.is_none()).await;
}

#[tokio::test]
async fn what_a_refresh_has_read_before_a_write_is_not_kept() {
    let (caching, clock) = memory();
    let (source, key) = (Source::closed(), key("written"));
    source.open_for_one();
    source.through(&caching, &key, &refreshing()).await;
    clock.advance(DUE);
    source.through(&caching, &key, &refreshing()).await;
    source.begins(2).await;
    let change = caching.change(&key).await;
    source.write();
    change.finish().await;
    source.open();
    wait::until("the refresh is over", async || caching.counters().refreshes == 1).await;
    assert_eq!(source.through(&caching, &key, &refreshing()).await.value, 2);
}

#[tokio::test]
async fn after_the_end_nothing_is_refreshed() {
    let (caching, clock) = memory();
    let source = Source::default();
    source.through(&caching, &key("over"), &refreshing()).await;
    clock.advance(DUE);
    caching.close(Duration::from_secs(1)).await;
    assert_eq!(source.through(&caching, &key("over"), &refreshing()).await.lookup, Lookup::Hit);
    tokio::task::yield_now().await;
    assert_eq!(source.begun(), 1);
}
