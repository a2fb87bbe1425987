//! How many calls are under way at once.

use std::time::Duration;

use futures_util::FutureExt as _;
use palisade_resilience::{Bulkhead, BulkheadBounds, BulkheadCounters, Error, Full};

use crate::support::{Lost, hanging, timed};

const WAIT: Duration = Duration::from_secs(3);

fn bulkhead(concurrent: u32, waiting: u32) -> Bulkhead {
    Bulkhead::new(BulkheadBounds { concurrent, waiting, max_wait: WAIT })
}

fn counters(in_flight: u32, waiting: u32, rejected: u64) -> BulkheadCounters {
    BulkheadCounters { in_flight, waiting, rejected }
}

#[tokio::test(start_paused = true)]
async fn whoever_finds_the_line_full_is_refused_at_once() {
    let bulkhead = bulkhead(2, 1);
    let slots = [bulkhead.acquire().await.unwrap(), bulkhead.acquire().await.unwrap()];
    let mut third = Box::pin(bulkhead.acquire());
    assert!((&mut third).now_or_never().is_none());
    assert_eq!(bulkhead.counters(), counters(2, 1, 0));
    assert_eq!(bulkhead.acquire().now_or_never().unwrap().err(), Some(Full));
    drop(slots);
    assert!(third.await.is_ok());
    assert_eq!(bulkhead.counters(), counters(0, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_longer_than_the_longest_wait() {
    let bulkhead = bulkhead(1, 1);
    let _slot = bulkhead.acquire().await.unwrap();
    let (refused, took) = timed(bulkhead.acquire()).await;
    assert_eq!((refused.err(), took), (Some(Full), WAIT));
    assert_eq!(bulkhead.counters(), counters(1, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_away_leaves_the_line_and_the_slot() {
    let bulkhead = bulkhead(1, 1);
    let mut call = Box::pin(bulkhead.call(hanging()));
    assert!((&mut call).now_or_never().is_none());
    let mut waiting = Box::pin(bulkhead.acquire());
    assert!((&mut waiting).now_or_never().is_none());
    drop(waiting);
    assert_eq!(bulkhead.counters(), counters(1, 0, 0));
    drop(call);
    assert_eq!(bulkhead.counters(), counters(0, 0, 0));
    assert!(bulkhead.acquire().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_came_first_is_served_first() {
    let bulkhead = bulkhead(1, 2);
    let slot = bulkhead.acquire().await.unwrap();
    let (mut first, mut second) = (Box::pin(bulkhead.acquire()), Box::pin(bulkhead.acquire()));
    assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
    drop(slot);
    assert!((&mut second).now_or_never().is_none());
    assert!((&mut first).now_or_never().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_call_is_made_in_a_slot_or_refused() {
    let bulkhead = bulkhead(0, 0);
    assert_eq!(bulkhead.call(async { Ok::<_, Lost>(7) }).await, Ok(7), "no slots count as one");
    let failed = bulkhead.call(async { Err::<u32, _>(Lost) }).await;
    assert_eq!(failed, Err(Error::Failed { error: Lost, attempts: 1 }));
    let _slot = bulkhead.acquire().await.unwrap();
    assert_eq!(bulkhead.call(hanging()).await, Err(Error::Full));
}
