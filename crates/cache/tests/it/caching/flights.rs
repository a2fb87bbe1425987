//! One fetch for any number of callers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade_cache::{Cache as _, Caching, Lookup, Token};
use palisade_core::{ManualClock, SystemClock, SystemRandom};
use palisade_redis::redis::cmd;
use palisade_testkit::{servers::Redis as Server, wait};
use tokio::task::JoinSet;

use super::{
    faulty::Faulty,
    support::{
        Failure, Source, WITHIN, connect, key, memory, memory_cache, prefix, process, processes, recipe,
        redis_cache, start,
    },
};

/// So many callers of one key, in tasks, all of whom are there before the source has answered.
async fn crowd(source: &Source, caching: &[Caching], callers: usize) -> JoinSet<u64> {
    let here = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for caching in caching.iter().cycle().take(callers) {
        let (source, caching, here) = (source.clone(), caching.clone(), Arc::clone(&here));
        tasks.spawn(async move {
            here.fetch_add(1, Ordering::SeqCst);
            source.through(&caching, &key("crowd"), &recipe()).await.value
        });
    }
    wait::until("all are here", async || here.load(Ordering::SeqCst) == callers as u64).await;
    tasks
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_in_one_process_are_one_fetch() {
    let (caching, _) = memory();
    let source = Source::closed();
    let tasks = crowd(&source, std::slice::from_ref(&caching), 10_000).await;
    source.open();
    assert_eq!(tasks.join_all().await, vec![1; 10_000]);
    assert_eq!((source.begun(), caching.counters().fetches), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_in_two_processes_are_one_fetch() {
    let (caching, _) = processes(&prefix("crowd")).await;
    let source = Source::closed();
    let tasks = crowd(&source, &caching, 10_000).await;
    source.open();
    assert_eq!(tasks.join_all().await, vec![1; 10_000]);
    assert_eq!(source.begun(), 1);
}

#[tokio::test]
async fn callers_who_go_take_nothing_from_those_who_stay() {
    let (caching, _) = memory();
    let source = Source::closed();
    let mut callers: Vec<_> = (0..100).map(|_| source.spawn(&caching, &key("left"), &recipe())).collect();
    source.begins(1).await;
    let last = callers.pop().unwrap();
    for caller in callers {
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
    }
    source.open();
    assert_eq!(last.await.unwrap().value, 1);
    assert_eq!(source.begun(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_caller_may_go_at_any_moment() {
    let (caching, _) = memory();
    for round in 0..200 {
        let (source, key) = (Source::closed(), key(&format!("round:{round}")));
        let mut callers: Vec<_> = (0..20).map(|_| source.spawn(&caching, &key, &recipe())).collect();
        source.begins(1).await;
        let last = callers.pop().unwrap();
        source.open();
        callers.iter().for_each(tokio::task::JoinHandle::abort);
        assert_eq!(last.await.unwrap().value, 1);
        // It may have come when all the others had gone.
        assert!(source.begun() <= 2, "round {round}: fetched {} times", source.begun());
    }
}

/// Who waited would wait until its patience is at an end, which is at once where time is paused, and cache nothing.
#[tokio::test(start_paused = true)]
async fn when_all_have_gone_the_fetch_ends_and_the_next_caller_begins_at_once() {
    let (caching, _) = memory();
    let source = Source::closed();
    let callers: Vec<_> = (0..10).map(|_| source.spawn(&caching, &key("all"), &recipe())).collect();
    source.begins(1).await;
    for caller in callers {
        caller.abort();
        let _cancelled = caller.await;
    }
    assert_eq!(source.holders(), 1, "nothing holds the fetch");
    source.open();
    assert_eq!(source.through(&caching, &key("all"), &recipe()).await.lookup, Lookup::Miss);
    assert_eq!(source.through(&caching, &key("all"), &recipe()).await.lookup, Lookup::Hit);
    assert_eq!(source.begun(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_nobody_answers_is_waited_for_once() {
    let (cache, key) = (Faulty::new(memory_cache(Arc::new(ManualClock::default()))), key("silent"));
    let (caching, source, silent) = (start(cache.clone()), Source::closed(), Token::new(&SystemRandom));
    source.open();
    cache.inner.claim(&key, silent, Duration::from_secs(3_600), &[]).await.unwrap();
    assert_eq!(source.through(&caching, &key, &recipe()).await.lookup, Lookup::Miss);
    let waited = cache.claims();
    assert!(waited > 2, "the first reader asks until its patience is at an end: {waited}");
    assert_eq!(source.through(&caching, &key, &recipe()).await.lookup, Lookup::Miss);
    assert_eq!(cache.claims(), waited + 1, "the second asks once");
    cache.inner.release(&key, silent).await.unwrap();
    assert_eq!(source.through(&caching, &key, &recipe()).await.lookup, Lookup::Miss);
    assert_eq!(source.through(&caching, &key, &recipe()).await.lookup, Lookup::Hit);
}

/// Left behind, each would stand for a second.
#[tokio::test]
async fn a_claim_that_is_abandoned_on_redis_is_given_up() {
    let server = Server::start().unwrap();
    let redis = connect(server.url(), WITHIN).await;
    let process = || start(redis_cache(redis.clone(), "cache:", Arc::new(SystemClock)));
    let (one, other) = (process(), process());
    for round in 0..5 {
        let (source, key) = (Source::closed(), key(&format!("gone:{round}")));
        let caller = source.spawn(&one, &key, &recipe());
        source.begins(1).await;
        caller.abort();
        let _cancelled = caller.await;
        source.open();
        assert_eq!(source.through(&other, &key, &recipe()).await.lookup, Lookup::Miss);
        assert_eq!(source.through(&other, &key, &recipe()).await.lookup, Lookup::Hit);
    }
    // Not one by one by waiting for their end: on a machine that stands still for a second a claim may expire.
    let stats: String = redis.query(cmd("INFO").arg("stats")).await.unwrap();
    let expired = stats.lines().find_map(|line| line.strip_prefix("expired_keys:")).unwrap();
    assert!(expired.trim().parse::<u32>().unwrap() < 5, "each claim stood until it expired");
}

#[tokio::test]
async fn a_failure_is_told_to_all_who_wait_and_not_kept() {
    let (caching, _) = memory();
    let source = Source::closed();
    let call = || {
        let (source, caching) = (source.clone(), caching.clone());
        tokio::spawn(
            async move { caching.get_or_fetch(&key("failing"), &recipe(), move || source.fail()).await },
        )
    };
    let callers: Vec<_> = (0..50).map(|_| call()).collect();
    source.begins(1).await;
    source.open();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Err(Failure::Source(1)));
    }
    assert_eq!(source.begun(), 1);
    assert_eq!(source.through(&caching, &key("failing"), &recipe()).await.lookup, Lookup::Miss);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_leaves_nobody_waiting() {
    let (caching, _) = memory();
    let source = Source::closed();
    let call = || {
        let (source, caching) = (source.clone(), caching.clone());
        tokio::spawn(async move {
            let fetch = move || async move {
                let read: Result<u64, Failure> = source.read().await;
                assert!(read.is_err(), "the fetch of this test panics");
                read
            };
            caching.get_or_fetch(&key("panicking"), &recipe(), fetch).await
        })
    };
    let callers: Vec<_> = (0..10).map(|_| call()).collect();
    source.begins(1).await;
    source.open();
    for caller in callers {
        assert!(caller.await.unwrap_err().is_panic());
    }
    assert_eq!(source.through(&caching, &key("panicking"), &recipe()).await.lookup, Lookup::Miss);
}

#[tokio::test]
async fn values_of_two_kinds_under_one_key_are_kept_apart() {
    let (caching, _) = memory();
    let (key, recipe) = (key("two"), recipe());
    let number = caching.get_or_fetch(&key, &recipe, || async { Ok::<u64, Failure>(7) });
    let text = caching.get_or_fetch(&key, &recipe, || async { Ok::<String, Failure>("seven".to_owned()) });
    let (number, text) = tokio::join!(number, text);
    assert_eq!((number.unwrap().value, text.unwrap().value), (7, "seven".to_owned()));
}

#[tokio::test]
async fn who_comes_after_a_write_elsewhere_does_not_get_what_was_read_before_it() {
    let ([here, elsewhere], _) = processes(&prefix("elsewhere")).await;
    let (source, key) = (Source::closed(), key("written"));
    let before = source.spawn(&here, &key, &recipe());
    source.begins(1).await;
    let change = elsewhere.change(&key).await;
    source.write();
    change.finish().await;
    let after = source.spawn(&here, &key, &recipe());
    // It joins, since the first has not landed.
    wait::until("it has come", async || source.holders() >= 4).await;
    source.open();
    assert_eq!(after.await.unwrap().value, 2);
    assert_eq!(before.await.unwrap().value, 1);
}

#[test]
fn when_the_process_that_fetches_dies_another_takes_over() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (dying, living) = (runtime(), runtime());
    let (prefix, source) = (prefix("dying"), Source::closed());
    let one = dying.block_on(process(&prefix, Arc::new(SystemClock)));
    let (fetching, handle) = (source.clone(), dying.handle().clone());
    handle.spawn(async move { fetching.through(&one, &key("dying"), &recipe()).await });
    living.block_on(async {
        let other = process(&prefix, Arc::new(SystemClock)).await;
        source.begins(1).await;
        dying.shutdown_background();
        source.open();
        let fetched = wait::end_of("a fetch", source.through(&other, &key("dying"), &recipe())).await;
        assert_eq!((fetched.value, fetched.lookup), (1, Lookup::Miss));
        assert_eq!(source.begun(), 2);
        assert_eq!(source.through(&other, &key("dying"), &recipe()).await.lookup, Lookup::Hit);
    });
}
