//! What a lost server costs the callers: one of them waits, the others are refused in microseconds.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

use crate::Error;

/// How long after a failure the next caller tries the server again.
const PROBE_EVERY: Duration = Duration::from_millis(500);

/// Whether the server is thought to be lost.
#[derive(Debug)]
pub(crate) struct Outage {
    epoch: Instant,
    /// Milliseconds after `epoch` at which one caller may try; 0 while the server is well.
    next_probe: AtomicU64,
}

impl Outage {
    pub(crate) fn none() -> Self {
        Self { epoch: Instant::now(), next_probe: AtomicU64::new(0) }
    }

    /// Lets a caller through when the server is well, or when it is this caller's turn to try.
    pub(crate) fn admit(&self) -> Result<(), Error> {
        let due = self.next_probe.load(Ordering::Acquire);
        if due == 0 {
            return Ok(());
        }
        let now = self.now();
        let next = now + millis(PROBE_EVERY);
        let mine = now >= due
            && self.next_probe.compare_exchange(due, next, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if mine { Ok(()) } else { Err(Error::unavailable("it failed a moment ago and is being tried again")) }
    }

    pub(crate) fn answered(&self) {
        // A plain read first: this runs after every statement and must not contend for the cache line.
        if self.next_probe.load(Ordering::Acquire) != 0 && self.next_probe.swap(0, Ordering::AcqRel) != 0 {
            tracing::info!("database.recovered");
        }
    }

    pub(crate) fn failed(&self, reason: &str) {
        let next = self.now() + millis(PROBE_EVERY);
        if self.next_probe.swap(next, Ordering::AcqRel) == 0 {
            tracing::warn!(reason, "database.unavailable");
        }
    }

    /// Never 0, which means "well".
    fn now(&self) -> u64 {
        millis(self.epoch.elapsed()) + 1
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_caller_at_a_time_tries_a_lost_server() {
        let outage = Outage::none();
        outage.failed("gone");
        assert!(outage.admit().is_err(), "too early");
        tokio::time::advance(PROBE_EVERY).await;
        assert!(outage.admit().is_ok(), "this one tries");
        assert!(outage.admit().is_err(), "the others do not wait");
        outage.answered();
        assert!(outage.admit().is_ok());
    }
}
