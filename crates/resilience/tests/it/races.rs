//! The breaker, many callers at a time.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use palisade_core::{ManualClock, Timeline};
use palisade_resilience::{Breaker, BreakerPolicy, State, Trip};

const THREADS: u16 = 8;
const RECOVERY: Duration = Duration::from_secs(60);

fn breaker(policy: BreakerPolicy) -> (Breaker, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (Breaker::new("races", policy, Timeline::following(clock.clone())), clock)
}

fn together(work: impl Fn() + Sync) {
    let barrier = Barrier::new(THREADS.into());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                barrier.wait();
                work();
            });
        }
    });
}

#[test]
fn no_failure_is_lost() {
    let each = 400;
    let all = THREADS * each;
    for trip in [Trip::consecutive(all), Trip::rate(1.0, all, all), Trip::rate(0.5, all, 2 * all)] {
        let (breaker, _clock) = breaker(BreakerPolicy::default().trip_at(trip));
        let early = breaker.acquire().unwrap();
        together(|| (1..each).for_each(|_| breaker.acquire().unwrap().failed()));
        (1..THREADS).for_each(|_| breaker.acquire().unwrap().failed());
        assert_eq!(breaker.state(), State::Closed, "one is missing");
        early.failed();
        assert_eq!(breaker.state(), State::Open);
        assert_eq!(breaker.counters().failures, u64::from(all));
        assert_eq!(breaker.counters().opened, 1);
    }
}

#[test]
fn it_opens_once_however_many_fail_together() {
    for _ in 0..200 {
        let (breaker, _clock) = breaker(BreakerPolicy::default());
        together(|| std::iter::from_fn(|| breaker.acquire().ok()).take(5).for_each(|permit| permit.failed()));
        assert_eq!((breaker.state(), breaker.counters().opened), (State::Open, 1));
    }
}

#[test]
fn as_many_probes_as_allowed_begin_when_all_come_at_once() {
    for probes in [1, 3] {
        let (breaker, clock) = breaker(BreakerPolicy::default().probes(probes).close_after(100));
        breaker.trip("to begin with");
        for _ in 0..200 {
            clock.advance(RECOVERY);
            let begun = AtomicU32::new(0);
            // The permits outlive the race: nobody's place becomes free in it.
            let race = Barrier::new(THREADS.into());
            together(|| {
                let permit = breaker.acquire();
                begun.fetch_add(u32::from(permit.is_ok()), Ordering::Relaxed);
                race.wait();
            });
            assert_eq!(begun.into_inner(), u32::from(probes));
            breaker.trip("once more");
        }
    }
}

#[test]
fn never_more_probes_than_allowed_run_and_no_place_is_lost() {
    let (probes, each) = (3, 2_000);
    let (breaker, clock) = breaker(BreakerPolicy::default().probes(probes).close_after(4_000));
    breaker.trip("to begin with");
    clock.advance(RECOVERY);
    let (running, most) = (AtomicU32::new(0), AtomicU32::new(0));
    together(|| {
        for turn in 0..each {
            let Ok(permit) = breaker.acquire() else { continue };
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::yield_now();
            running.fetch_sub(1, Ordering::SeqCst);
            // Few enough successes to stay half-open.
            if turn % 20 == 0 { permit.succeeded() } else { drop(permit) }
        }
    });
    assert!((1..=u32::from(probes)).contains(&most.into_inner()));
    assert_eq!(breaker.state(), State::HalfOpen);
    let places: Vec<_> = std::iter::from_fn(|| breaker.acquire().ok()).collect();
    assert_eq!(places.len(), usize::from(probes));
    let counters = breaker.counters();
    let verdicts = counters.successes + counters.cancelled + counters.failures;
    assert_eq!(verdicts + counters.rejections, u64::from(THREADS) * each + 1);
}

#[test]
fn whatever_happens_at_once_it_can_be_closed_and_opened_again() {
    let (breaker, clock) = breaker(BreakerPolicy::default().probes(2).trip_at(Trip::consecutive(2)));
    let turns = AtomicU32::new(0);
    together(|| {
        for _ in 0..5_000 {
            match turns.fetch_add(1, Ordering::Relaxed) % 17 {
                0 => breaker.trip("told"),
                1 => breaker.reset(),
                2 => breaker.half_open(),
                3 => breaker.hold_open("told"),
                4 => clock.advance(RECOVERY / 2),
                5 | 6 => drop(breaker.acquire()),
                7..=11 => breaker.acquire().map_or((), |permit| permit.succeeded()),
                _ => breaker.acquire().map_or((), |permit| permit.failed()),
            }
        }
    });
    assert_eq!(*breaker.watch().borrow(), breaker.state());
    let counters = breaker.counters();
    let left_closed = counters.closed + u64::from(breaker.state() != State::Closed);
    // What opened it besides came from half-open.
    assert!((left_closed..=left_closed + counters.half_opened).contains(&counters.opened), "{counters:?}");
    breaker.reset();
    breaker.trip("at last");
    clock.advance(RECOVERY);
    let probes = [breaker.acquire().unwrap(), breaker.acquire().unwrap()];
    assert!(breaker.acquire().is_err());
    probes.into_iter().for_each(|probe| probe.succeeded());
    assert_eq!(breaker.state(), State::Closed);
}
