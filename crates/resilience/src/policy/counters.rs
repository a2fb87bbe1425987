//! What a policy counts.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use palisade_telemetry::metrics::Histogram;

use crate::{retry::Stop, spans::nanos};

/// What has happened since a policy was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PolicyCounters {
    /// Attempts that were begun; those that the breaker or the bulkhead refused were not.
    pub attempts: u64,
    /// Attempts that came after a failed one.
    pub retries: u64,
    /// Calls that succeeded after a failed attempt.
    pub recovered: u64,
    /// Calls given up because they had had their attempts or their time.
    pub exhausted: u64,
    /// Calls given up because the retry budget was spent.
    pub over_budget: u64,
    /// Attempts and calls that ran out of time.
    pub timed_out: u64,
    /// All waits between attempts together.
    pub waited: Duration,
}

/// Apart from what calls only read.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(super) struct Tallies {
    attempts: AtomicU64,
    retries: AtomicU64,
    recovered: AtomicU64,
    exhausted: AtomicU64,
    over_budget: AtomicU64,
    timed_out: AtomicU64,
    waited_nanos: AtomicU64,
    /// Where each wait is measured.
    delay: Histogram,
}

impl Tallies {
    pub(super) fn new(delay: Histogram) -> Self {
        Self { delay, ..Self::default() }
    }

    pub(super) fn attempt(&self) {
        add(&self.attempts, 1);
    }

    pub(super) fn retry_after(&self, wait: Duration) {
        add(&self.retries, 1);
        add(&self.waited_nanos, nanos(wait));
        self.delay.observe_duration(wait);
    }

    pub(super) fn recovered(&self) {
        add(&self.recovered, 1);
    }

    pub(super) fn stopped(&self, why: &Stop) {
        match why {
            Stop::Pointless => {}
            Stop::Exhausted => add(&self.exhausted, 1),
            Stop::OverBudget => add(&self.over_budget, 1),
        }
    }

    pub(super) fn timed_out(&self) {
        add(&self.timed_out, 1);
    }

    pub(super) fn read(&self) -> PolicyCounters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        PolicyCounters {
            attempts: read(&self.attempts),
            retries: read(&self.retries),
            recovered: read(&self.recovered),
            exhausted: read(&self.exhausted),
            over_budget: read(&self.over_budget),
            timed_out: read(&self.timed_out),
            waited: Duration::from_nanos(read(&self.waited_nanos)),
        }
    }
}

fn add(counter: &AtomicU64, number: u64) {
    counter.fetch_add(number, Ordering::Relaxed);
}
