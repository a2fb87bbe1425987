//! How often the same may be sent.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher as _, Hasher},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use foldhash::quality::RandomState;
use palisade_core::{Moment, Timeline};

/// How many events of one fingerprint are sent in a minute; more are counted as dropped. Enough to see how fast something
/// happens and for whom, and an outage at a thousand errors a second costs 20 events of the quota, not 60,000.
pub const MOST_A_MINUTE: u32 = 20;

/// How many fingerprints are told apart in a minute; what comes beyond is dropped. Messages that have a number in them
/// would each be one of their own.
const MOST_KINDS: usize = 256;

const MINUTE: Duration = Duration::from_secs(60);

/// Counts by fingerprint, minute by minute.
pub(super) struct Bursts {
    timeline: Timeline,
    hashes: RandomState,
    minute: Mutex<Minute>,
}

#[derive(Default)]
struct Minute {
    end: u64,
    counts: BTreeMap<u64, u32>,
}

impl Bursts {
    pub(super) fn new(timeline: Timeline) -> Self {
        Self { timeline, hashes: RandomState::default(), minute: Mutex::default() }
    }

    /// What takes in the parts of a fingerprint.
    pub(super) fn hasher(&self) -> impl Hasher + use<> {
        self.hashes.build_hasher()
    }

    /// Whether one more with this fingerprint may be sent now.
    pub(super) fn admit(&self, fingerprint: u64) -> bool {
        let now = self.timeline.now();
        self.minute.lock().unwrap_or_else(PoisonError::into_inner).admits(fingerprint, now)
    }
}

impl Minute {
    fn admits(&mut self, fingerprint: u64, now: Moment) -> bool {
        if now.nanos() >= self.end {
            self.counts.clear();
            self.end = now.nanos().saturating_add(MINUTE.as_nanos() as u64);
        }
        if self.counts.len() >= MOST_KINDS && !self.counts.contains_key(&fingerprint) {
            return false;
        }
        let count = self.counts.entry(fingerprint).or_default();
        *count = count.saturating_add(1);
        *count <= MOST_A_MINUTE
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use palisade_core::ManualClock;

    use super::*;

    fn bursts() -> (Arc<ManualClock>, Bursts) {
        let clock = Arc::new(ManualClock::default());
        (clock.clone(), Bursts::new(Timeline::following(clock)))
    }

    #[test]
    fn each_minute_admits_as_many_again() {
        let (clock, bursts) = bursts();
        for _ in 0..3 {
            assert_eq!((0..100).filter(|_| bursts.admit(7)).count(), 20);
            clock.advance(Duration::from_secs(59));
            assert!(!bursts.admit(7) && bursts.admit(8));
            clock.advance(Duration::from_secs(1));
        }
    }

    #[test]
    fn so_many_kinds_are_told_apart_and_the_known_ones_go_on() {
        let (_, bursts) = bursts();
        assert_eq!((0..10_000).filter(|kind| bursts.admit(*kind)).count(), MOST_KINDS);
        assert!(bursts.admit(3) && !bursts.admit(9_999));
    }
}
