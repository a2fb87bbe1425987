//! Several threads at once, and clients that go away at any moment.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use palisade_http::load_shed::Capacity;
use tokio::task::yield_now;

use super::bounds;

const MOST: u32 = 3;

/// Counts itself for as long as it lives.
struct Working<'a>(&'a AtomicU32);

impl<'a> Working<'a> {
    fn begin(working: &'a AtomicU32) -> Self {
        assert!(working.fetch_add(1, Ordering::SeqCst) < MOST, "too many at once");
        Self(working)
    }
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_permit_is_lost_or_doubled_when_clients_go_away() {
    let capacity = Capacity::new(bounds(MOST, 16));
    let working = Arc::new(AtomicU32::new(0));
    for _round in 0..50 {
        let tasks: Vec<_> = (0..60_usize)
            .map(|number| {
                let (capacity, working) = (capacity.clone(), Arc::clone(&working));
                tokio::spawn(async move {
                    let permit = match capacity.take() {
                        None => capacity.wait().await,
                        taken => taken,
                    };
                    if permit.is_some() {
                        let _working = Working::begin(&working);
                        for _ in 0..number % 5 {
                            yield_now().await;
                        }
                    }
                })
            })
            .collect();
        for (number, task) in tasks.iter().enumerate() {
            if number % 3 == 0 {
                task.abort();
                yield_now().await;
            }
        }
        for task in tasks {
            let ended = task.await;
            assert!(ended.is_ok() || ended.is_err_and(|error| error.is_cancelled()), "a task panicked");
        }
        assert_eq!((capacity.in_flight(), capacity.queued()), (0, 0));
    }
    let all: Vec<_> = std::iter::from_fn(|| capacity.take()).collect();
    assert_eq!(all.len(), MOST as usize);
}
