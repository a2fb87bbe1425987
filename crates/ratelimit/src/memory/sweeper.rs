//! Who cleans, when, and how much.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::shard::Shards;

/// Leads the cleaning around all shards. Each millisecond in which a check comes, that check cleans a few slots; the
/// longer none came, the more.
#[derive(Debug, Default)]
pub(super) struct Sweeper {
    last: AtomicU64,
    shard: AtomicUsize,
}

const MILLISECOND: u64 = 1_000_000;
/// Half a microsecond's work, and a whole round over 300,000 keys in two seconds.
const STEPS: u64 = 256;
/// So that no check is held up for long: some 20 µs.
const MOST_STEPS: u64 = 16_384;

impl Sweeper {
    /// How many slots the one who asks should clean now.
    pub(super) fn due(&self, now: u64) -> Option<usize> {
        let last = self.last.load(Ordering::Relaxed);
        let passed = now.abs_diff(last) / MILLISECOND;
        if passed == 0 || self.last.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_err()
        {
            return None;
        }
        usize::try_from(passed.saturating_mul(STEPS).min(MOST_STEPS)).ok()
    }

    /// Cleans so many slots, each shard once at most.
    pub(super) fn sweep(&self, shards: &Shards, now: u64, mut steps: usize) {
        for _ in 0..shards.count() {
            let number = self.shard.load(Ordering::Relaxed);
            let (done, to_the_end) = shards.of(number).sweep(now, steps);
            if to_the_end {
                self.shard.store(number.wrapping_add(1), Ordering::Relaxed);
            }
            steps -= done;
            if steps == 0 {
                return;
            }
        }
    }
}
