//! Who reads after a write reads what was written.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use palisade_cache::{Caching, Recipe, Strategy};
use palisade_testkit::wait;
use tokio::task::JoinSet;

use super::support::{Source, key, memory, prefix, processes, recipe, refreshing, tiered};

/// A process, and the last version that it knows to be written.
struct Process {
    caching: Caching,
    floor: Arc<AtomicU64>,
}

/// Writes and reads one key from all the processes at once. Whoever begins to read after a write has finished that its
/// process's floor tells of gets that version or a later one.
async fn hammer(processes: &[Process], recipe: &Recipe, rounds: u64) {
    let source = Source::default();
    let mut tasks = JoinSet::new();
    for Process { caching, floor } in processes {
        for _ in 0..2 {
            tasks.spawn(write(caching.clone(), Arc::clone(floor), source.clone(), recipe.clone(), rounds));
        }
        for _ in 0..4 {
            tasks.spawn(read(caching.clone(), Arc::clone(floor), source.clone(), recipe.clone(), rounds * 3));
        }
    }
    tasks.join_all().await;
    let last = source.write() - 1;
    for Process { caching, .. } in processes {
        wait::until("the last version is seen", async || {
            caching.get::<u64>(&key("hammered")).await.is_none_or(|version| version == last)
        })
        .await;
    }
}

async fn write(caching: Caching, floor: Arc<AtomicU64>, source: Source, recipe: Recipe, rounds: u64) {
    for round in 0..rounds {
        let change = caching.change(&key("hammered")).await;
        if round % 3 == 0 {
            tokio::task::yield_now().await;
        }
        let version = source.write();
        match round % 4 {
            0 => drop(change),
            1 | 2 => change.finish_with(&version, &recipe).await,
            _ => change.finish().await,
        }
        floor.fetch_max(version, Ordering::SeqCst);
        if round % 5 == 0 {
            tokio::task::yield_now().await;
        }
    }
}

async fn read(caching: Caching, floor: Arc<AtomicU64>, source: Source, recipe: Recipe, rounds: u64) {
    for round in 0..rounds {
        let floor = floor.load(Ordering::SeqCst);
        let value = match round % 8 {
            0 => caching.get::<u64>(&key("hammered")).await,
            1 => caching.get_many::<u64>(&[key("hammered")]).await.pop().flatten(),
            _ => Some(source.through(&caching, &key("hammered"), &recipe).await.value),
        };
        if let Some(value) = value {
            assert!(value >= floor, "{value} was read after {floor} was written");
        }
    }
}

fn alone(caching: Caching) -> [Process; 1] {
    [Process { caching, floor: Arc::default() }]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    for recipe in [recipe(), recipe().strategy(Strategy::WriteThrough), refreshing()] {
        hammer(&alone(memory().0), &recipe, 1_000).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_redis_in_one_process() {
    let ([caching, _], _) = processes(&prefix("alone")).await;
    hammer(&alone(caching), &recipe().strategy(Strategy::WriteThrough), 400).await;
}

/// A dropped change is known to the process that dropped it at once, to others when the cache has been told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_redis_in_two_processes() {
    for recipe in [recipe(), recipe().strategy(Strategy::WriteThrough)] {
        let (caching, _) = processes(&prefix("both")).await;
        hammer(&caching.map(|caching| Process { caching, floor: Arc::default() }), &recipe, 250).await;
    }
}

/// Who reads in one process what another has finished writing gets it, or what is later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn across_processes() {
    let (caching, _) = processes(&prefix("across")).await;
    let (source, floor) = (Source::default(), Arc::new(AtomicU64::new(0)));
    let mut tasks = JoinSet::new();
    for caching in caching {
        let (writer, written, floors) = (caching.clone(), source.clone(), Arc::clone(&floor));
        tasks.spawn(async move {
            for _ in 0..400 {
                let change = writer.change(&key("hammered")).await;
                let version = written.write();
                change.finish().await;
                floors.fetch_max(version, Ordering::SeqCst);
            }
        });
        for _ in 0..4 {
            tasks.spawn(read(caching.clone(), Arc::clone(&floor), source.clone(), recipe(), 800));
        }
    }
    tasks.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_two_tiers_in_two_processes() {
    let prefix = prefix("tiers");
    for recipe in [recipe(), recipe().strategy(Strategy::WriteThrough)] {
        let caching = [tiered(&prefix).await, tiered(&prefix).await];
        hammer(&caching.map(|caching| Process { caching, floor: Arc::default() }), &recipe, 250).await;
        // The next source begins again.
        tiered(&prefix).await.forget(&key("hammered")).await;
    }
}

#[tokio::test]
async fn who_comes_after_a_write_does_not_join_who_came_before() {
    let (caching, _) = memory();
    let (source, key) = (Source::closed(), key("joined"));
    let before = source.spawn(&caching, &key, &recipe());
    source.begins(1).await;
    let change = caching.change(&key).await;
    let meanwhile = source.spawn(&caching, &key, &recipe());
    source.begins(2).await;
    source.write();
    change.finish().await;
    let after = source.spawn(&caching, &key, &recipe());
    source.begins(3).await;
    source.open();
    let values = (before.await.unwrap().value, meanwhile.await.unwrap().value, after.await.unwrap().value);
    assert_eq!(values, (1, 1, 2));
    assert_eq!(caching.get(&key).await, Some(2_u64));
}

#[tokio::test]
async fn a_write_that_is_cut_off_keeps_the_key_out_of_use() {
    for caching in [memory().0, processes(&prefix("cut")).await.0[0].clone()] {
        let (source, key) = (Source::default(), key("cut"));
        source.through(&caching, &key, &recipe()).await;
        let (writer, written, name) = (caching.clone(), source.clone(), key.clone());
        let write = tokio::spawn(async move {
            let _change = writer.change(&name).await;
            written.write();
            std::future::pending::<()>().await;
        });
        wait::until("it is written", async || source.through(&caching, &key, &recipe()).await.value == 2)
            .await;
        write.abort();
        let _cancelled = write.await;
        assert_eq!(source.through(&caching, &key, &recipe()).await.value, 2);
        caching.close(super::support::WITHIN).await;
        assert_eq!(caching.get::<u64>(&key).await, None, "nobody knows what the source will hold");
    }
}
