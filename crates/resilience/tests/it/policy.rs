//! The parts put together, and why in this order.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use palisade_core::{ManualClock, Timeline};
use palisade_resilience::{
    Breaker, BreakerPolicy, Bulkhead, BulkheadBounds, Error, Policy, PolicyCounters, Retry, RetryBudget,
    State, Timeout, Trip, Verdict, within,
};

use crate::support::{Callee, Lost, hanging, longest_waits, paused_time, timed, waits};

const MILLIS: fn(u64) -> Duration = Duration::from_millis;
const RECOVERY: Duration = Duration::from_secs(60);

/// Opens after so many failures.
fn breaker(failures: u16) -> Breaker {
    let policy = BreakerPolicy::default().trip_at(Trip::consecutive(failures));
    Breaker::new("callee", policy, paused_time())
}

fn bulkhead(concurrent: u32, waiting: u32) -> Bulkhead {
    Bulkhead::new(BulkheadBounds { concurrent, waiting, max_wait: MILLIS(500) })
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_no_parts_makes_the_call() {
    let (callee, policy) = (Callee::failing(1), Policy::builder("none").build());
    assert_eq!(policy.call(|| callee.call()).await, Err(Error::Failed { error: Lost, attempts: 1 }));
    assert_eq!(policy.call(|| callee.call()).await, Ok(2));
    assert_eq!(policy.counters(), PolicyCounters { attempts: 2, ..PolicyCounters::default() });
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_next_attempt_holds_no_slot() {
    let bulkhead = bulkhead(1, 0);
    let policy =
        Policy::builder("slot").retry(Retry::new(longest_waits())).bulkhead(bulkhead.clone()).build();
    let callee = Callee::failing(1);
    let mut call = Box::pin(policy.call(|| callee.call()));
    assert!((&mut call).now_or_never().is_none(), "the first attempt has failed");
    assert!(bulkhead.acquire().await.is_ok());
    assert_eq!(call.await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_ends_the_retries_with_what_the_callee_said() {
    let policy = Policy::builder("open").retry(Retry::new(waits())).breaker(breaker(1)).build();
    let callee = Callee::failing(9);
    assert_eq!(policy.call(|| callee.call()).await, Err(Error::Failed { error: Lost, attempts: 1 }));
    let (refused, took) = timed(policy.call(|| callee.call())).await;
    assert!(matches!(refused, Err(Error::Open { .. })), "{refused:?}");
    assert_eq!((callee.calls(), took), (1, Duration::ZERO), "nothing was called and nobody waited");
    assert_eq!(policy.counters().attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_full_bulkhead_is_not_held_against_the_callee() {
    let (breaker, bulkhead) = (breaker(1), bulkhead(1, 0));
    let policy = Policy::builder("full")
        .retry(Retry::new(waits()))
        .breaker(breaker.clone())
        .bulkhead(bulkhead.clone())
        .build();
    let slot = bulkhead.acquire().await.unwrap();
    let (refused, took) = timed(policy.call(hanging)).await;
    assert_eq!((refused, took), (Err(Error::Full), Duration::ZERO), "it is not retried either");
    assert_eq!((breaker.state(), breaker.counters().cancelled), (State::Closed, 1));

    breaker.trip("lost");
    tokio::time::advance(RECOVERY).await;
    assert_eq!(policy.call(hanging).await, Err(Error::Full));
    assert_eq!(breaker.state(), State::HalfOpen);
    drop(slot);
    assert_eq!(policy.call(|| Callee::default().call()).await, Ok(1), "the place of the probe is free again");
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn nobody_stands_in_line_for_a_callee_that_is_not_to_be_called() {
    let (breaker, bulkhead) = (breaker(1), bulkhead(1, 1));
    let policy = Policy::builder("line").breaker(breaker.clone()).bulkhead(bulkhead.clone()).build();
    let _slot = bulkhead.acquire().await.unwrap();
    breaker.trip("lost");
    assert!(matches!(policy.call(hanging).now_or_never(), Some(Err(Error::Open { .. }))));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_is_a_failure_of_the_callee_and_tried_again() {
    let breaker = breaker(3);
    let policy = Policy::builder("slow")
        .timeout(Timeout::none().per_attempt(MILLIS(50)))
        .retry(Retry::new(longest_waits()))
        .breaker(breaker.clone())
        .build();
    let (outcome, took) = timed(policy.call(hanging)).await;
    assert_eq!(outcome, Err(Error::TimedOut { limit: MILLIS(50), attempts: 3 }));
    assert_eq!(took, MILLIS(50 + 100 + 50 + 200 + 50));
    assert_eq!(breaker.state(), State::Open);
    let counters = policy.counters();
    assert_eq!((counters.attempts, counters.timed_out, counters.exhausted), (3, 3, 1));
}

#[tokio::test(start_paused = true)]
async fn the_line_before_the_call_is_not_the_callees_fault() {
    let bulkhead = bulkhead(1, 1);
    let policy = Policy::builder("line")
        .timeout(Timeout::none().per_attempt(MILLIS(50)))
        .bulkhead(bulkhead.clone())
        .build();
    let slot = bulkhead.acquire().await.unwrap();
    let callee = Callee::default();
    let (answer, ()) = tokio::join!(policy.call(|| callee.call()), async {
        tokio::time::advance(MILLIS(400)).await;
        drop(slot);
    });
    assert_eq!(answer, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn the_limit_in_all_bounds_attempts_and_waits() {
    let policy = Policy::builder("total")
        .timeout(Timeout::none().per_attempt(MILLIS(400)).in_all(MILLIS(1_000)))
        .retry(Retry::new(longest_waits()).attempts(9))
        .build();
    let (outcome, took) = timed(policy.call(hanging)).await;
    // 400, a wait of 100, 400: the next wait of 200 would be longer than what is left.
    assert_eq!(outcome, Err(Error::TimedOut { limit: MILLIS(400), attempts: 2 }));
    assert_eq!(took, MILLIS(900));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_the_limit_in_all_cuts_off_is_a_failure_if_it_has_no_shorter_one() {
    for own in [None, Some(MILLIS(300)), Some(MILLIS(800))] {
        let breaker = breaker(1);
        let timeout = Timeout::none().in_all(MILLIS(300));
        let timeout = own.map_or(timeout, |limit| timeout.per_attempt(limit));
        let policy = Policy::builder("cut").timeout(timeout).breaker(breaker.clone()).build();
        let (outcome, took) = timed(policy.call(hanging)).await;
        assert_eq!(outcome, Err(Error::TimedOut { limit: MILLIS(300), attempts: 1 }));
        assert_eq!((took, breaker.state()), (MILLIS(300), State::Open));
        assert_eq!(policy.counters().timed_out, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_had_not_its_own_time_is_not_judged() {
    let (breaker, bulkhead) = (breaker(1), bulkhead(1, 1));
    let policy = Policy::builder("cut")
        .timeout(Timeout::none().per_attempt(MILLIS(200)).in_all(MILLIS(300)))
        .breaker(breaker.clone())
        .bulkhead(bulkhead.clone())
        .build();
    let slot = bulkhead.acquire().await.unwrap();
    let (outcome, ()) = tokio::join!(policy.call(hanging), async {
        tokio::time::advance(MILLIS(150)).await;
        drop(slot);
    });
    assert_eq!(outcome, Err(Error::TimedOut { limit: MILLIS(300), attempts: 1 }));
    assert_eq!((breaker.state(), breaker.counters().cancelled), (State::Closed, 1));
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_refused_do_not_pay_for_retries() {
    let budget = RetryBudget::new(1.0, 0, paused_time());
    let breaker = breaker(1);
    let policy = Policy::builder("refused")
        .retry(Retry::new(waits()).budget(budget.clone()))
        .breaker(breaker.clone())
        .build();
    breaker.hold_open("lost");
    for _ in 0..100 {
        assert!(policy.call(hanging).await.is_err());
    }
    assert!(!budget.withdraw());
    breaker.reset();
    assert_eq!(policy.call(|| Callee::default().call()).await, Ok(1));
    assert!(budget.withdraw() && !budget.withdraw());
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_neither_retried_nor_held_against_the_callee() {
    let breaker = breaker(1);
    let policy = Policy::builder("answer").retry(Retry::new(waits())).breaker(breaker.clone()).build();
    let callee = Callee::failing(9);
    let verdicts = [(Verdict::ANSWER, 1), (Verdict::BUSY.after(MILLIS(1)), 3), (Verdict::FAILURE, 1)];
    for (verdict, attempts) in verdicts {
        assert_eq!(breaker.state(), State::Closed);
        let outcome = policy.call_if(|| callee.call(), |_| verdict).await;
        assert_eq!(outcome, Err(Error::Failed { error: Lost, attempts }));
    }
    assert_eq!(breaker.state(), State::Open, "the last was a failure");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_leaves_nothing_behind() {
    let (breaker, bulkhead) = (breaker(1), bulkhead(1, 0));
    let policy = Policy::builder("dropped").breaker(breaker.clone()).bulkhead(bulkhead.clone()).build();
    breaker.hold_open("lost");
    breaker.half_open();
    let mut call = Box::pin(policy.call(hanging));
    assert!((&mut call).now_or_never().is_none());
    assert!(breaker.acquire().is_err() && bulkhead.counters().in_flight == 1);
    drop(call);
    assert!(breaker.acquire().is_ok() && bulkhead.counters().in_flight == 0);
}

#[tokio::test(start_paused = true)]
async fn what_happened_is_counted() {
    let time = Timeline::following(Arc::new(ManualClock::default()));
    let retry = Retry::new(longest_waits()).budget(RetryBudget::new(0.5, 0, time));
    let policy = Policy::builder("counted").retry(retry).build();
    let (well, failing) = (Callee::default(), Callee::failing(99));
    for _ in 0..6 {
        assert!(policy.call(|| well.call()).await.is_ok());
    }
    let recovering = Callee::failing(1);
    assert_eq!(policy.call(|| recovering.call()).await, Ok(2));
    assert!(policy.call(|| failing.call()).await.is_err());
    assert_eq!(
        policy.call(|| failing.call()).await,
        Err(Error::Failed { error: Lost, attempts: 2 }),
        "half of nine calls are four retries, and three are spent"
    );
    let counters = PolicyCounters {
        attempts: 6 + 2 + 3 + 2,
        retries: 4,
        recovered: 1,
        exhausted: 1,
        over_budget: 1,
        timed_out: 0,
        waited: MILLIS(100 + 300 + 100),
    };
    assert_eq!(policy.counters(), counters);
}

#[tokio::test(start_paused = true)]
async fn one_future_alone_can_be_bounded() {
    let (outcome, took) = timed(within(MILLIS(70), hanging())).await;
    assert_eq!((outcome.unwrap_err().limit, took), (MILLIS(70), MILLIS(70)));
    assert_eq!(within(MILLIS(70), async { 7 }).await, Ok(7));
}

#[test]
fn a_call_can_move_between_threads() {
    fn is_send(_: &impl Send) {}
    let policy = Policy::builder("send").retry(Retry::new(waits())).breaker(breaker(1)).build();
    is_send(&policy.call(|| async { Ok::<_, Lost>(7) }));
}

#[test]
fn a_policy_stores_its_call_once() {
    async fn large() -> Result<u8, Lost> {
        let bytes = [7; 8_192];
        tokio::task::yield_now().await;
        Ok(bytes.last().copied().unwrap_or_default())
    }
    let policy = Policy::builder("large").timeout(Timeout::none()).retry(Retry::new(waits())).build();
    assert!(size_of_val(&policy.call(large)) < size_of_val(&large()) + 1_024);
}
