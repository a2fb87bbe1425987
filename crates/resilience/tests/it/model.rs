//! The breaker does what a model does that is written to be read.

use std::{sync::Arc, time::Duration};

use palisade_core::{ManualClock, Timeline};
use palisade_resilience::{Breaker, BreakerPolicy, Permit, State, Trip};
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    Acquire,
    /// The outcome of one of the calls under way.
    Succeed(usize),
    Fail(usize),
    Cancel(usize),
    /// Milliseconds.
    Advance(u64),
    Trip,
    HoldOpen,
    HalfOpen,
    Reset,
}

#[derive(Debug, Clone, Copy)]
enum When {
    Consecutive(u16),
    Rate { percent: u16, minimum: u16, window: u16 },
}

/// What a breaker is, without a thought for speed.
struct Model {
    when: When,
    recovery: u64,
    probes: usize,
    successes: usize,
    now: u64,
    period: u32,
    state: Is,
    opened: u64,
    closed: u64,
    half_opened: u64,
    rejections: u64,
}

enum Is {
    /// Whether each call failed.
    Closed(Vec<bool>),
    /// Until then, or until told.
    Open(Option<u64>),
    HalfOpen {
        since: u64,
        under_way: usize,
        succeeded: usize,
    },
}

impl Model {
    fn trips(&self, calls: &[bool]) -> bool {
        let Some(true) = calls.last() else { return false };
        match self.when {
            When::Consecutive(most) => {
                calls.iter().rev().take_while(|failed| **failed).count() >= usize::from(most)
            }
            When::Rate { percent, minimum, window } => {
                let half = usize::from(window.div_ceil(2));
                let halves = calls.chunks(half).collect::<Vec<_>>();
                let recent = halves[halves.len().saturating_sub(2)..].concat();
                let failed = recent.iter().filter(|failed| **failed).count();
                recent.len() >= usize::from(minimum).min(2 * half)
                    && failed * 100 >= recent.len() * usize::from(percent)
            }
        }
    }

    fn enter(&mut self, state: Is) {
        self.period += 1;
        self.state = state;
    }

    fn open(&mut self, until: Option<u64>) {
        if matches!(self.state, Is::Open(_)) {
            self.state = Is::Open(until);
        } else {
            self.opened += 1;
            self.enter(Is::Open(until));
        }
    }

    fn half_open(&mut self, under_way: usize) {
        if matches!(self.state, Is::Open(_)) {
            self.half_opened += 1;
        }
        self.enter(Is::HalfOpen { since: self.now, under_way, succeeded: 0 });
    }

    fn close(&mut self) {
        if !matches!(self.state, Is::Closed(_)) {
            self.closed += 1;
        }
        self.enter(Is::Closed(Vec::new()));
    }

    fn acquire(&mut self) -> bool {
        let over = match &mut self.state {
            Is::Closed(_) => return true,
            Is::HalfOpen { under_way, .. } if *under_way < self.probes => {
                *under_way += 1;
                return true;
            }
            Is::HalfOpen { since, .. } => self.now >= *since + self.recovery,
            Is::Open(until) => until.is_some_and(|until| self.now >= until),
        };
        if over {
            self.half_open(1);
        } else {
            self.rejections += 1;
        }
        over
    }

    fn judge(&mut self, period: u32, failed: Option<bool>) {
        if period != self.period {
            return;
        }
        match (&mut self.state, failed) {
            (Is::Open(_), _) | (Is::Closed(_), None) => {}
            (Is::Closed(calls), Some(failed)) => {
                calls.push(failed);
                let calls = calls.clone();
                if self.trips(&calls) {
                    self.open(Some(self.now + self.recovery));
                }
            }
            (Is::HalfOpen { .. }, Some(true)) => self.open(Some(self.now + self.recovery)),
            (Is::HalfOpen { under_way, succeeded, .. }, other) => {
                *under_way -= 1;
                *succeeded += usize::from(other == Some(false));
                if *succeeded >= self.successes {
                    self.close();
                }
            }
        }
    }

    fn state(&self) -> State {
        match self.state {
            Is::Closed(_) => State::Closed,
            Is::Open(_) => State::Open,
            Is::HalfOpen { .. } => State::HalfOpen,
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => Just(Step::Acquire),
        3 => any::<usize>().prop_map(Step::Succeed),
        5 => any::<usize>().prop_map(Step::Fail),
        1 => any::<usize>().prop_map(Step::Cancel),
        3 => (0_u64..15).prop_map(Step::Advance),
        1 => prop_oneof![Just(Step::Trip), Just(Step::HoldOpen), Just(Step::HalfOpen), Just(Step::Reset)],
    ];
    proptest::collection::vec(step, 0..200)
}

fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        (1_u16..5).prop_map(When::Consecutive),
        (1_u16..=100, 1_u16..12, 2_u16..12).prop_map(|(percent, minimum, window)| When::Rate {
            percent,
            minimum,
            window
        }),
    ]
}

fn take<T>(list: &mut Vec<T>, any: usize) -> Option<T> {
    let index = any.checked_rem(list.len())?;
    Some(list.swap_remove(index))
}

const RECOVERY: u64 = 10;

fn agree(when: When, probes: u16, successes: u16, steps: &[Step]) -> Result<(), TestCaseError> {
    let trip = match when {
        When::Consecutive(failures) => Trip::consecutive(failures),
        When::Rate { percent, minimum, window } => Trip::rate(f64::from(percent) / 100.0, minimum, window),
    };
    let policy = BreakerPolicy::default()
        .trip_at(trip)
        .recover_after(Duration::from_millis(RECOVERY))
        .probes(probes)
        .close_after(successes);
    let clock = Arc::new(ManualClock::default());
    let breaker = Breaker::new("model", policy, Timeline::following(clock.clone()));
    let mut model = Model {
        when,
        recovery: RECOVERY,
        probes: probes.into(),
        successes: successes.into(),
        now: 0,
        period: 0,
        state: Is::Closed(Vec::new()),
        opened: 0,
        closed: 0,
        half_opened: 0,
        rejections: 0,
    };
    let mut calls: Vec<(Permit<'_>, u32)> = Vec::new();
    for step in steps {
        match *step {
            Step::Acquire => {
                let permit = breaker.acquire().ok();
                prop_assert_eq!(permit.is_some(), model.acquire());
                calls.extend(permit.map(|permit| (permit, model.period)));
            }
            Step::Succeed(any) => {
                if let Some((permit, period)) = take(&mut calls, any) {
                    permit.succeeded();
                    model.judge(period, Some(false));
                }
            }
            Step::Fail(any) => {
                if let Some((permit, period)) = take(&mut calls, any) {
                    permit.failed();
                    model.judge(period, Some(true));
                }
            }
            Step::Cancel(any) => {
                if let Some((permit, period)) = take(&mut calls, any) {
                    drop(permit);
                    model.judge(period, None);
                }
            }
            Step::Advance(millis) => {
                clock.advance(Duration::from_millis(millis));
                model.now += millis;
            }
            Step::Trip => {
                breaker.trip("told");
                model.open(Some(model.now + RECOVERY));
            }
            Step::HoldOpen => {
                breaker.hold_open("told");
                model.open(None);
            }
            Step::HalfOpen => {
                breaker.half_open();
                if matches!(model.state, Is::Open(_)) {
                    model.half_open(0);
                }
            }
            Step::Reset => {
                breaker.reset();
                model.close();
            }
        }
        prop_assert_eq!(breaker.state(), model.state(), "after {:?}", step);
        prop_assert_eq!(*breaker.watch().borrow(), model.state());
    }
    let counters = breaker.counters();
    prop_assert_eq!(
        (counters.opened, counters.half_opened, counters.closed, counters.rejections),
        (model.opened, model.half_opened, model.closed, model.rejections)
    );
    Ok(())
}

proptest! {
    #[test]
    fn the_breaker_does_what_the_model_does(
        when in when(),
        probes in 1_u16..4,
        successes in 1_u16..4,
        steps in steps(),
    ) {
        agree(when, probes, successes, &steps)?;
    }
}
