//! Which of the two counts, told once per change.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::Error;

/// The store counts again when it has answered and nothing has failed for this long: one that answers some calls and
/// fails others (it is full, say) must not fill the log.
const STEADY: Duration = Duration::from_millis(500);

/// Whether limits are counted in memory because the store is lost. Cloning it is cheap; all clones tell the same.
#[derive(Debug, Clone)]
pub struct FallbackStatus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    begin: Instant,
    /// How many changes there have been. While it is odd the memory counts. A call that began in another epoch says
    /// nothing about the present one.
    epoch: AtomicU64,
    /// Milliseconds after `begin`.
    last_failure: AtomicU64,
    local_checks: AtomicU64,
}

impl FallbackStatus {
    pub(super) fn new() -> Self {
        Self(Arc::new(Inner {
            begin: Instant::now(),
            epoch: AtomicU64::new(0),
            last_failure: AtomicU64::new(0),
            local_checks: AtomicU64::new(0),
        }))
    }

    /// Whether the memory counts.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.epoch() % 2 == 1
    }

    /// How often that has changed, in either direction.
    #[must_use]
    pub fn transitions(&self) -> u64 {
        self.epoch()
    }

    /// How many checks the memory has answered.
    #[must_use]
    pub fn local_checks(&self) -> u64 {
        self.0.local_checks.load(Ordering::Relaxed)
    }

    pub(super) fn epoch(&self) -> u64 {
        self.0.epoch.load(Ordering::Acquire)
    }

    pub(super) fn failed(&self, began: u64, error: &Error, replicas: NonZeroU32) {
        self.0.local_checks.fetch_add(1, Ordering::Relaxed);
        self.0.last_failure.store(self.now(), Ordering::Relaxed);
        if began.is_multiple_of(2) && self.change(began) {
            let Error::Unavailable { source } = error;
            tracing::warn!(error = %source, replicas, "ratelimit.fallback_on");
        }
    }

    pub(super) fn answered(&self, began: u64) {
        if began.is_multiple_of(2) {
            return;
        }
        let calm = self.now().saturating_sub(self.0.last_failure.load(Ordering::Relaxed));
        if Duration::from_millis(calm) >= STEADY && self.change(began) {
            tracing::info!(local_checks = self.local_checks(), "ratelimit.fallback_off");
        }
    }

    /// Whether it was this caller who ended the epoch.
    fn change(&self, from: u64) -> bool {
        self.0.epoch.compare_exchange(from, from + 1, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.begin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: NonZeroU32 = NonZeroU32::MIN;

    #[tokio::test(start_paused = true)]
    async fn each_change_is_made_once_and_late_comers_change_nothing() {
        let status = FallbackStatus::new();
        let (early, error) = (status.epoch(), Error::unavailable("gone"));
        status.failed(early, &error, ONE);
        status.failed(early, &error, ONE);
        assert!(status.is_on() && status.transitions() == 1);
        status.answered(early);
        assert!(status.is_on(), "it was asked before the loss");

        let began = status.epoch();
        status.answered(began);
        assert!(status.is_on(), "too soon after a failure");
        tokio::time::advance(STEADY).await;
        status.answered(began);
        status.answered(began);
        assert!(!status.is_on() && status.transitions() == 2);

        status.failed(early, &error, ONE);
        assert!(!status.is_on(), "a failure of before the recovery came late");
        assert_eq!(status.local_checks(), 3);
    }
}
