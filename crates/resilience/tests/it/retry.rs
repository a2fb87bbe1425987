//! Retries without a policy.

use std::time::Duration;

use palisade_core::{SystemClock, Timeline};
use palisade_resilience::{Error, Retry, RetryBudget, Verdict};

use crate::support::{Callee, Lost, longest_waits, timed, waits};

const MILLIS: fn(u64) -> Duration = Duration::from_millis;

#[tokio::test(start_paused = true)]
async fn three_attempts_are_made_after_growing_waits() {
    let (callee, retry) = (Callee::failing(2), Retry::new(longest_waits()));
    let (outcome, took) = timed(retry.call(|| callee.call(), |_| Verdict::TRANSIENT)).await;
    assert_eq!((outcome, took), (Ok(3), MILLIS(100 + 200)));

    let callee = Callee::failing(9);
    let outcome = retry.call(|| callee.call(), |_| Verdict::TRANSIENT).await;
    assert_eq!(outcome, Err(Error::Failed { error: Lost, attempts: 3 }));
    assert_eq!(callee.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_when_the_first_attempt_succeeds() {
    let callee = Callee::default();
    let retry = Retry::new(longest_waits());
    let (outcome, took) = timed(retry.call(|| callee.call(), |_| Verdict::TRANSIENT)).await;
    assert_eq!((outcome, took), (Ok(1), Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_another_attempt_would_not_mend_is_not_tried_again() {
    for verdict in [Verdict::ANSWER, Verdict::FAILURE] {
        let callee = Callee::failing(1);
        let outcome = Retry::new(waits()).call(|| callee.call(), |_| verdict).await;
        assert_eq!(outcome, Err(Error::Failed { error: Lost, attempts: 1 }));
    }
    let filter = Verdict::retry_if(|error: &Lost| *error != Lost);
    let callee = Callee::failing(1);
    assert!(Retry::new(waits()).call(|| callee.call(), filter).await.is_err());
    assert_eq!(callee.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_wait_that_the_callee_asks_for_is_kept_up_to_the_longest() {
    for (asked, waited) in [(MILLIS(700), MILLIS(700 + 100)), (MILLIS(60_000), MILLIS(2_000))] {
        let callee = Callee::failing(1);
        let retry = Retry::new(longest_waits());
        let (outcome, took) = timed(retry.call(|| callee.call(), |_| Verdict::BUSY.after(asked))).await;
        assert_eq!((outcome, took), (Ok(2), waited));
    }
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_after_the_time_limit() {
    let callee = Callee::failing(99);
    let retry = Retry::new(longest_waits()).attempts(99).within(MILLIS(700));
    let (outcome, took) = timed(retry.call(|| callee.call(), |_| Verdict::TRANSIENT)).await;
    assert_eq!(outcome, Err(Error::Failed { error: Lost, attempts: 3 }));
    assert_eq!(took, MILLIS(100 + 200), "and none waits for the end of it");
}

#[tokio::test(start_paused = true)]
async fn no_attempts_count_as_one() {
    let callee = Callee::failing(9);
    let outcome = Retry::new(waits()).attempts(0).call(|| callee.call(), |_| Verdict::TRANSIENT).await;
    assert_eq!(outcome, Err(Error::Failed { error: Lost, attempts: 1 }));
}

#[tokio::test(start_paused = true)]
async fn when_everything_fails_retries_are_a_tenth_of_the_calls() {
    let callee = Callee::failing(u32::MAX);
    let time = Timeline::following(std::sync::Arc::new(SystemClock));
    let budget = RetryBudget::new(0.1, 0, time);
    let retry = Retry::new(waits()).budget(budget.clone());
    for _ in 0..1_000 {
        let _ = retry.clone().call(|| callee.call(), |_| Verdict::TRANSIENT).await;
    }
    assert_eq!(callee.calls(), 1_000 + 100);
    assert!(budget.refused() > 800);
}
