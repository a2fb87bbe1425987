//! How many lines there were.

use std::sync::atomic::{AtomicU64, Ordering};

use tracing::Level;

/// Lines by level.
#[derive(Debug, Default)]
pub(super) struct Counts([AtomicU64; NAMES.len()]);

const NAMES: [&str; 6] = ["error", "warn", "info", "debug", "trace", "critical"];

impl Counts {
    pub(super) fn count(&self, level: Level, critical: bool) {
        let index = match level {
            _ if critical => 5,
            Level::ERROR => 0,
            Level::WARN => 1,
            Level::INFO => 2,
            Level::DEBUG => 3,
            Level::TRACE => 4,
        };
        if let Some(count) = self.0.get(index) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Each level with how many.
    pub(super) fn read(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        NAMES.into_iter().zip(&self.0).map(|(name, count)| (name, count.load(Ordering::Relaxed)))
    }
}
