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

/// The store has not been lost yet.
const NEVER: u64 = u64::MAX;

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
    /// The same of the last failure or loss of the store; [`NEVER`] before the first.
    last_loss: AtomicU64,
    /// How many losses the store has told of.
    losses: AtomicU64,
    local_checks: AtomicU64,
}

impl FallbackStatus {
    /// `losses` is how many losses the store tells of at the start.
    pub(super) fn new(losses: u64) -> Self {
        Self(Arc::new(Inner {
            begin: Instant::now(),
            epoch: AtomicU64::new(0),
            last_failure: AtomicU64::new(0),
            last_loss: AtomicU64::new(NEVER),
            losses: AtomicU64::new(losses),
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
        self.0.last_loss.store(self.now(), Ordering::Relaxed);
        if began.is_multiple_of(2) && self.change(began) {
            let Error::Unavailable { source } = error;
            tracing::warn!(error = %source, replicas, "ratelimit.fallback_on");
        }
    }

    /// How long ago the store failed or was lost, as far as is known.
    pub(super) fn since_loss(&self) -> Option<Duration> {
        let last = Some(self.0.last_loss.load(Ordering::Relaxed)).filter(|last| *last != NEVER)?;
        Some(Duration::from_millis(self.now().saturating_sub(last)))
    }

    /// `losses` is how many losses the store tells of: it may have been lost and found while nobody asked it.
    pub(super) fn answered(&self, began: u64, losses: u64) {
        if self.0.losses.swap(losses, Ordering::Relaxed) != losses {
            self.0.last_loss.store(self.now(), Ordering::Relaxed);
        }
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
        let status = FallbackStatus::new(0);
        let (early, error) = (status.epoch(), Error::unavailable("gone"));
        status.failed(early, &error, ONE);
        status.failed(early, &error, ONE);
        assert!(status.is_on() && status.transitions() == 1);
        status.answered(early, 0);
        assert!(status.is_on(), "it was asked before the loss");

        let began = status.epoch();
        status.answered(began, 0);
        assert!(status.is_on(), "too soon after a failure");
        tokio::time::advance(STEADY).await;
        status.answered(began, 0);
        status.answered(began, 0);
        assert!(!status.is_on() && status.transitions() == 2);

        status.failed(early, &error, ONE);
        assert!(!status.is_on(), "a failure of before the recovery came late");
        assert_eq!(status.local_checks(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_loss_that_nobody_met_is_known_from_the_store() {
        let status = FallbackStatus::new(1);
        status.answered(0, 1);
        assert_eq!(status.since_loss(), None);
        status.answered(0, 2);
        tokio::time::advance(STEADY).await;
        status.answered(0, 2);
        assert_eq!(status.since_loss(), Some(STEADY));
    }
}
