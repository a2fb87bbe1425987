//! What a breaker tells of itself.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Whether calls get through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Calls get through.
    Closed,
    /// No call gets through.
    Open,
    /// A few calls get through to see whether the callee is back.
    HalfOpen,
}

impl State {
    /// Its name in logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A call that was not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the circuit breaker is open")]
pub struct Open {
    /// When it is worth trying again.
    pub retry_after: Duration,
}

/// What has happened since a breaker was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BreakerCounters {
    /// Calls that succeeded, those included that came too late to matter.
    pub successes: u64,
    /// Calls that failed, those included that came too late to matter.
    pub failures: u64,
    /// Calls that ended without a verdict.
    pub cancelled: u64,
    /// Calls that were not let through.
    pub rejections: u64,
    /// How often it has opened.
    pub opened: u64,
    /// How often it has gone from open to half-open.
    pub half_opened: u64,
    /// How often it has closed.
    pub closed: u64,
}

/// On a cache line of their own: each call writes here, and must not slow down those that read the breaker's state.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(super) struct Tallies {
    pub(super) successes: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) cancelled: AtomicU64,
    pub(super) rejections: AtomicU64,
    pub(super) opened: AtomicU64,
    pub(super) half_opened: AtomicU64,
    pub(super) closed: AtomicU64,
}

impl Tallies {
    pub(super) fn read(&self) -> BreakerCounters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        BreakerCounters {
            successes: read(&self.successes),
            failures: read(&self.failures),
            cancelled: read(&self.cancelled),
            rejections: read(&self.rejections),
            opened: read(&self.opened),
            half_opened: read(&self.half_opened),
            closed: read(&self.closed),
        }
    }
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
