//! What has happened.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Error;

/// What has happened since the start, in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Values that were found.
    pub hits: u64,
    /// Values that were not.
    pub misses: u64,
    /// Sources that were asked.
    pub fetches: u64,
    /// Values that were fetched before they expired.
    pub refreshes: u64,
    /// Such fetches that failed; the value was kept.
    pub failed_refreshes: u64,
    /// Values that were none of the kind expected.
    pub poisoned: u64,
    /// Calls that the backend did not answer.
    pub errors: u64,
}

#[derive(Default)]
pub(super) struct Counting {
    hits: AtomicU64,
    misses: AtomicU64,
    fetches: AtomicU64,
    refreshes: AtomicU64,
    failed_refreshes: AtomicU64,
    poisoned: AtomicU64,
    errors: AtomicU64,
}

impl Counting {
    pub(super) fn read(&self) -> Counters {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            hits: count(&self.hits),
            misses: count(&self.misses),
            fetches: count(&self.fetches),
            refreshes: count(&self.refreshes),
            failed_refreshes: count(&self.failed_refreshes),
            poisoned: count(&self.poisoned),
            errors: count(&self.errors),
        }
    }

    pub(super) fn hit(&self) {
        add(&self.hits);
    }

    pub(super) fn miss(&self) {
        add(&self.misses);
    }

    pub(super) fn looked_up(&self, found: bool) {
        add(if found { &self.hits } else { &self.misses });
    }

    pub(super) fn fetch(&self) {
        add(&self.fetches);
    }

    pub(super) fn refresh(&self) {
        add(&self.refreshes);
    }

    pub(super) fn failed_refresh(&self) {
        add(&self.failed_refreshes);
    }

    pub(super) fn poisoned(&self) {
        add(&self.poisoned);
    }

    pub(super) fn succeeded<T>(&self, answer: &crate::Result<T>) -> bool {
        if let Err(error) = answer {
            self.failed(error);
        }
        answer.is_ok()
    }

    /// The backend has its own words about why: one line for a loss, not one for each call.
    pub(super) fn failed(&self, error: &Error) {
        add(&self.errors);
        tracing::debug!(error = %error, "cache.failed");
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
