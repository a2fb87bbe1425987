//! The breaker, one caller at a time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt as _;
use palisade_core::{Clock, ManualClock, Timeline};
use palisade_resilience::{Breaker, BreakerPolicy, Error, Open, State, Trip};

const RECOVERY: Duration = Duration::from_secs(60);

fn breaker(policy: BreakerPolicy) -> (Breaker, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (Breaker::new("billing", policy, Timeline::following(clock.clone())), clock)
}

fn fail(breaker: &Breaker, times: usize) {
    (0..times).for_each(|_| breaker.acquire().unwrap().failed());
}

#[test]
fn opens_after_five_failures_in_a_row_and_refuses() {
    let (breaker, clock) = breaker(BreakerPolicy::default());
    fail(&breaker, 4);
    breaker.acquire().unwrap().succeeded();
    fail(&breaker, 4);
    assert_eq!(breaker.state(), State::Closed);
    fail(&breaker, 1);
    assert_eq!(breaker.state(), State::Open);
    assert_eq!(breaker.acquire().unwrap_err(), Open { retry_after: RECOVERY });
    clock.advance(Duration::from_secs(59));
    assert_eq!(breaker.acquire().unwrap_err(), Open { retry_after: Duration::from_secs(1) });
}

#[test]
fn one_probe_decides_after_the_recovery_time() {
    for (succeeds, state) in [(true, State::Closed), (false, State::Open)] {
        let (breaker, clock) = breaker(BreakerPolicy::default());
        fail(&breaker, 5);
        clock.advance(RECOVERY);
        let probe = breaker.acquire().unwrap();
        assert_eq!(breaker.state(), State::HalfOpen);
        assert!(breaker.acquire().is_err(), "another one is under way");
        if succeeds {
            probe.succeeded()
        } else {
            probe.failed()
        }
        assert_eq!(breaker.state(), state);
        assert_eq!(breaker.acquire().is_ok(), succeeds);
    }
}

#[test]
fn as_many_probes_as_wanted_run_at_once_and_as_many_successes_close() {
    let (breaker, clock) = breaker(BreakerPolicy::default().probes(2).close_after(3));
    fail(&breaker, 5);
    clock.advance(RECOVERY);
    let (first, second) = (breaker.acquire().unwrap(), breaker.acquire().unwrap());
    assert!(breaker.acquire().is_err());
    first.succeeded();
    second.succeeded();
    assert_eq!(breaker.state(), State::HalfOpen);
    breaker.acquire().unwrap().succeeded();
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn a_cancelled_probe_judges_nothing_and_gives_its_place_back() {
    let (breaker, clock) = breaker(BreakerPolicy::default());
    fail(&breaker, 5);
    clock.advance(RECOVERY);
    drop(breaker.acquire().unwrap());
    assert_eq!(breaker.state(), State::HalfOpen);
    breaker.acquire().unwrap().succeeded();
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn a_probe_that_never_ends_is_given_up_after_the_recovery_time() {
    let (breaker, clock) = breaker(BreakerPolicy::default());
    fail(&breaker, 5);
    clock.advance(RECOVERY);
    let lost = breaker.acquire().unwrap();
    clock.advance(RECOVERY - Duration::from_micros(1));
    assert!(breaker.acquire().is_err());
    clock.advance(Duration::from_micros(1));
    let next = breaker.acquire().unwrap();
    lost.failed();
    assert_eq!(breaker.state(), State::HalfOpen, "it is not asked any more");
    next.succeeded();
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(breaker.counters().half_opened, 1);
}

#[test]
fn an_outcome_counts_only_in_the_period_its_call_began_in() {
    let (breaker, clock) = breaker(BreakerPolicy::default().trip_at(Trip::consecutive(2)));
    let early: Vec<_> = (0..6).map(|_| breaker.acquire().unwrap()).collect();
    let mut early = early.into_iter();
    fail(&breaker, 2);
    early.next().unwrap().succeeded();
    assert_eq!(breaker.state(), State::Open, "a late success does not close it");
    clock.advance(RECOVERY);
    let probe = breaker.acquire().unwrap();
    early.next().unwrap().failed();
    early.next().unwrap().succeeded();
    drop(early.next());
    assert_eq!(
        breaker.state(),
        State::HalfOpen,
        "neither does one during the probe, nor a failure re-open it"
    );
    assert!(breaker.acquire().is_err(), "and the place of the probe is taken still");
    probe.succeeded();
    early.for_each(|late| late.failed());
    assert_eq!(breaker.state(), State::Closed, "nor do failures of before the loss open it again");
}

#[test]
fn a_rate_opens_it_that_no_row_of_failures_would() {
    let (breaker, _clock) = breaker(BreakerPolicy::default().trip_at(Trip::rate(0.5, 20, 100)));
    for _ in 0..9 {
        breaker.acquire().unwrap().succeeded();
        fail(&breaker, 1);
    }
    breaker.acquire().unwrap().succeeded();
    assert_eq!(breaker.state(), State::Closed, "too few calls to tell");
    fail(&breaker, 1);
    assert_eq!(breaker.state(), State::Open);
}

#[test]
fn who_knows_better_opens_holds_and_closes_it() {
    let (breaker, clock) = breaker(BreakerPolicy::default());
    breaker.trip("the connection is gone");
    assert_eq!(breaker.state(), State::Open);
    clock.advance(RECOVERY / 2);
    breaker.trip("again");
    assert_eq!(breaker.acquire().unwrap_err().retry_after, RECOVERY, "the recovery time begins anew");

    breaker.hold_open("the connection is gone");
    clock.advance(RECOVERY * 10);
    assert_eq!(breaker.acquire().unwrap_err().retry_after, RECOVERY);
    breaker.half_open();
    breaker.half_open();
    let probe = breaker.acquire().unwrap();
    breaker.reset();
    assert_eq!(breaker.state(), State::Closed);
    probe.failed();
    fail(&breaker, 4);
    assert_eq!(breaker.state(), State::Closed);

    breaker.reset();
    fail(&breaker, 4);
    assert_eq!(breaker.state(), State::Closed, "a reset forgets failures");
    breaker.half_open();
    assert_eq!(breaker.state(), State::Closed, "only what is open is opened by half");
    let counters = breaker.counters();
    assert_eq!((counters.opened, counters.half_opened, counters.closed), (1, 1, 1));
}

/// A clock that can be set back.
struct Settable(Mutex<DateTime<Utc>>);

impl Settable {
    fn turn(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for Settable {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[test]
fn a_clock_that_is_set_back_does_not_keep_it_open_for_longer_than_once_more() {
    let clock = Arc::new(Settable(Mutex::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap())));
    let breaker = Breaker::new("billing", BreakerPolicy::default(), Timeline::following(clock.clone()));
    fail(&breaker, 5);
    clock.turn(TimeDelta::days(-1));
    assert_eq!(breaker.acquire().unwrap_err().retry_after, RECOVERY);
    clock.turn(TimeDelta::seconds(59));
    assert!(breaker.acquire().is_err());
    clock.turn(TimeDelta::seconds(1));
    breaker.acquire().unwrap().succeeded();
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn the_longest_recovery_time_is_no_overflow() {
    let (breaker, clock) = breaker(BreakerPolicy::default().recover_after(Duration::MAX));
    fail(&breaker, 5);
    clock.advance(Duration::from_secs(86_400 * 365));
    assert!(breaker.acquire().is_err());
}

#[tokio::test]
async fn a_call_is_made_counted_or_refused() {
    let (breaker, _clock) = breaker(BreakerPolicy::default().trip_at(Trip::consecutive(1)));
    let call = async |outcome: Result<u32, &'static str>| {
        breaker.call(async { outcome }, |error| *error == "lost").await
    };
    assert_eq!(call(Ok(7)).await, Ok(7));
    assert_eq!(call(Err("no such thing")).await.unwrap_err().failure(), Some("no such thing"));
    assert_eq!(breaker.state(), State::Closed, "that is an answer");
    assert_eq!(call(Err("lost")).await, Err(Error::Failed { error: "lost", attempts: 1 }));
    assert_eq!(call(Ok(7)).await, Err(Error::Open { retry_after: RECOVERY }));
    let counters = breaker.counters();
    assert_eq!((counters.successes, counters.failures, counters.rejections), (2, 1, 1));
}

#[tokio::test]
async fn a_call_that_is_given_up_judges_nothing() {
    let (breaker, clock) = breaker(BreakerPolicy::default());
    fail(&breaker, 5);
    clock.advance(RECOVERY);
    let mut call = Box::pin(breaker.call(std::future::pending::<Result<(), ()>>(), |()| true));
    assert!((&mut call).now_or_never().is_none());
    assert!(breaker.acquire().is_err(), "the call is the probe");
    drop(call);
    assert!(breaker.acquire().is_ok());
    assert_eq!(breaker.counters().cancelled, 2);
}

#[tokio::test]
async fn who_watches_is_told_of_each_change() {
    let (breaker, clock) = breaker(BreakerPolicy::default());
    let mut watch = breaker.watch();
    assert_eq!(*watch.borrow_and_update(), State::Closed);
    fail(&breaker, 5);
    watch.changed().await.unwrap();
    assert_eq!(*watch.borrow_and_update(), State::Open);
    clock.advance(RECOVERY);
    let probe = breaker.acquire().unwrap();
    assert_eq!(*watch.borrow_and_update(), State::HalfOpen);
    probe.succeeded();
    assert_eq!(*watch.borrow_and_update(), State::Closed);
    breaker.reset();
    assert!(!watch.has_changed().unwrap(), "nothing has changed");
}
