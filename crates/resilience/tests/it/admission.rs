//! The admission queue: order, patience and bounds.

use std::time::Duration;

use futures_util::{FutureExt as _, future::join_all};
use palisade_resilience::{AdmissionPermit, AdmissionQueue, QueueBounds, QueueCounters, QueueRefusal, Turn};

use crate::support::timed;

const PATIENCE: Duration = Duration::from_secs(3);
const LINE_WAIT: Duration = Duration::from_millis(250);
const OVERFLOW_WAIT: Duration = Duration::from_millis(500);

fn queue_of(permits: u32, line: u32, overflow: u32) -> AdmissionQueue {
    let bounds =
        QueueBounds { line, line_wait: LINE_WAIT, waiting: line + overflow, overflow_wait: OVERFLOW_WAIT };
    AdmissionQueue::new(permits, bounds)
}

/// A caller in the queue, asked once.
fn queued(
    queue: &AdmissionQueue,
    turn: Turn,
) -> std::pin::Pin<Box<impl Future<Output = Result<AdmissionPermit, QueueRefusal>> + '_>> {
    let mut caller = Box::pin(queue.acquire(turn, PATIENCE));
    assert!((&mut caller).now_or_never().is_none(), "it waits");
    caller
}

#[tokio::test(start_paused = true)]
async fn the_line_is_first_in_first_out() {
    let queue = queue_of(1, 8, 8);
    let held = queue.acquire(Turn::New, PATIENCE).await.unwrap();
    let (mut first, mut second) = (queued(&queue, Turn::New), queued(&queue, Turn::New));
    drop(held);
    assert!((&mut second).now_or_never().is_none());
    assert!((&mut first).now_or_never().is_some_and(|granted| granted.is_ok()));
}

#[tokio::test(start_paused = true)]
async fn behind_the_line_the_newest_caller_comes_first() {
    let queue = queue_of(1, 1, 8);
    let held = queue.acquire(Turn::New, PATIENCE).await.unwrap();
    let mut in_line = queued(&queue, Turn::New);
    let (mut older, mut newest) = (queued(&queue, Turn::New), queued(&queue, Turn::New));
    assert!(queue.counters().overflowing);
    drop(held);
    let permit = (&mut in_line).now_or_never().unwrap().unwrap();
    drop(permit);
    assert!((&mut older).now_or_never().is_none());
    let permit = (&mut newest).now_or_never().unwrap().unwrap();
    drop(permit);
    assert!((&mut older).now_or_never().is_some(), "and the oldest when nobody newer is there");
    assert!(!queue.counters().overflowing);
}

/// Has so many callers wait and get their permit.
fn serve(queue: &AdmissionQueue, callers: usize) {
    let waiting: Vec<_> = (0..callers).map(|_| queued(queue, Turn::New)).collect();
    waiting.iter().for_each(|_| queue.add_permit());
    waiting.into_iter().for_each(|caller| caller.now_or_never().unwrap().unwrap().forget());
}

/// How many of 20 callers stand in the line: those behind it give up sooner.
async fn in_line(queue: &AdmissionQueue) -> usize {
    let (refused, _) = timed(join_all((0..20).map(|_| timed(queue.acquire(Turn::New, PATIENCE))))).await;
    refused.iter().filter(|(_, waited)| *waited == PATIENCE).count()
}

#[tokio::test(start_paused = true)]
async fn the_line_holds_what_is_served_in_its_time() {
    let queue = queue_of(0, 2, 100);
    assert_eq!(in_line(&queue).await, 2);
    serve(&queue, 5);
    assert_eq!(in_line(&queue).await, 5);
    tokio::time::advance(LINE_WAIT * 2).await;
    serve(&queue, 1);
    assert_eq!(in_line(&queue).await, 2, "little was served of late");
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_behind_the_line_moves_up_when_the_line_becomes_longer() {
    let queue = queue_of(0, 1, 100);
    let waiting: Vec<_> = (0..30).map(|_| queued(&queue, Turn::New)).collect();
    (0..14).for_each(|_| queue.add_permit());
    assert!(queue.counters().overflowing, "14 are served, 14 in the line, two behind it");
    queue.add_permit();
    assert!(!queue.counters().overflowing);
    drop(waiting);
}

#[tokio::test(start_paused = true)]
async fn resumed_work_comes_before_new_work() {
    let queue = queue_of(1, 8, 8);
    let held = queue.acquire(Turn::New, PATIENCE).await.unwrap();
    let mut new = queued(&queue, Turn::New);
    let (mut resumed, mut later) = (queued(&queue, Turn::Resumed), queued(&queue, Turn::Resumed));
    drop(held);
    assert!((&mut new).now_or_never().is_none() && (&mut later).now_or_never().is_none());
    assert!((&mut resumed).now_or_never().is_some_and(|granted| granted.is_ok()));
}

#[tokio::test(start_paused = true)]
async fn a_caller_gives_up_sooner_behind_the_line() {
    let queue = queue_of(1, 1, 8);
    let held = queue.acquire(Turn::New, PATIENCE).await.unwrap();
    let (refused, waited) = timed(queue.acquire(Turn::New, PATIENCE)).await;
    assert_eq!((refused.err(), waited), (Some(QueueRefusal::TimedOut), PATIENCE), "in the line");
    let mut in_line = queued(&queue, Turn::New);
    let (refused, waited) = timed(queue.acquire(Turn::New, PATIENCE)).await;
    assert_eq!((refused.err(), waited), (Some(QueueRefusal::TimedOut), OVERFLOW_WAIT));
    let moved_up = queued(&queue, Turn::New);
    drop(held);
    let permit = (&mut in_line).now_or_never().unwrap().unwrap();
    let (refused, waited) = timed(moved_up).await;
    assert_eq!((refused.err(), waited), (Some(QueueRefusal::TimedOut), PATIENCE), "it came into the line");
    drop(permit);
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_displaces_the_oldest_behind_a_full_queue() {
    let queue = queue_of(1, 1, 2);
    let held = queue.acquire(Turn::New, PATIENCE).await.unwrap();
    let mut in_line = queued(&queue, Turn::New);
    let (mut oldest, _second) = (queued(&queue, Turn::New), queued(&queue, Turn::New));
    let _newest = queued(&queue, Turn::New);
    assert_eq!((&mut oldest).now_or_never().unwrap().err(), Some(QueueRefusal::Full));
    assert_eq!(queue.counters(), QueueCounters { available: 0, waiting: 3, overflowing: true, refused: 1 });
    drop(held);
    assert!((&mut in_line).now_or_never().is_some_and(|granted| granted.is_ok()), "the line is left alone");
}

#[tokio::test(start_paused = true)]
async fn a_queue_without_room_refuses_at_once() {
    let queue = queue_of(1, 1, 0);
    let _held = queue.acquire(Turn::New, PATIENCE).await.unwrap();
    let _in_line = queued(&queue, Turn::New);
    for turn in [Turn::New, Turn::Resumed] {
        let _resumed = (turn == Turn::Resumed).then(|| queued(&queue, Turn::Resumed));
        assert_eq!(queue.acquire(turn, PATIENCE).now_or_never().unwrap().err(), Some(QueueRefusal::Full));
    }
}

#[tokio::test(start_paused = true)]
async fn a_permit_may_be_kept_back_and_another_added() {
    let queue = queue_of(1, 8, 8);
    queue.acquire(Turn::New, PATIENCE).await.unwrap().forget();
    assert!(queue.try_acquire().is_none());
    let mut waiting = queued(&queue, Turn::New);
    queue.add_permit();
    assert!(queue.try_acquire().is_none(), "it is for the caller that waits");
    assert!((&mut waiting).now_or_never().is_some_and(|granted| granted.is_ok()));
    assert!(queue.try_acquire().is_some(), "and free again when that caller has dropped it");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_leaves_the_queue_and_hands_its_permit_on() {
    let queue = queue_of(1, 8, 8);
    let held = queue.acquire(Turn::New, PATIENCE).await.unwrap();
    let (gone, granted, mut last) =
        (queued(&queue, Turn::New), queued(&queue, Turn::New), queued(&queue, Turn::New));
    drop(gone);
    drop(held);
    drop(granted);
    assert!((&mut last).now_or_never().is_some_and(|granted| granted.is_ok()));
    assert_eq!(queue.counters().waiting, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_more_permits_than_there_are_and_none_is_lost() {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    static HELD: AtomicU32 = AtomicU32::new(0);
    let queue = queue_of(4, 100, 10_000);
    let callers = (0..2_000).map(|number| {
        let queue = queue.clone();
        tokio::spawn(async move {
            let turn = if number % 3 == 0 { Turn::Resumed } else { Turn::New };
            // Every seventh goes away while it waits, or holds its permit.
            let acquired = queue.acquire(turn, Duration::from_secs(60));
            if number % 7 == 0 {
                tokio::pin!(acquired);
                let _ = acquired.as_mut().now_or_never();
                tokio::task::yield_now().await;
                return;
            }
            let Ok(_permit) = acquired.await else { return };
            assert!(HELD.fetch_add(1, SeqCst) < 4);
            tokio::task::yield_now().await;
            HELD.fetch_sub(1, SeqCst);
        })
    });
    join_all(callers).await.into_iter().for_each(|caller| caller.unwrap());
    let counters = queue.counters();
    assert_eq!((counters.available, counters.waiting), (4, 0));
}
