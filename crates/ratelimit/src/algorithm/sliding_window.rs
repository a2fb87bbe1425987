//! The sliding window: never more than limit and burst in any span as long as the window.
//!
//! Keeping each request's moment would be exact and cost memory by the limit. Here the window has twelve parts, five
//! seconds of a minute, five minutes of an hour, and a request counts until the whole part that it came in has left
//! the window. So a count is never too small, and a request counts for a twelfth of the window too long at most.

use super::{Taking, Verdict};

/// How many parts a window has.
const PARTS: u64 = 12;
/// The parts that a window touches: it begins and ends within one.
const TOUCHED: usize = 13;

/// What is kept of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ring {
    /// The newest part that anything was counted in, as a number since the epoch.
    newest: u64,
    /// Part `n` is counted at `n` modulo the length.
    counts: [u32; TOUCHED],
}

/// As eight words, which are a cache line: the newest part, and the counts by two, the last alone.
impl From<Ring> for [u64; 8] {
    fn from(Ring { newest, counts }: Ring) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m] = counts.map(u64::from);
        [newest, a | b << 32, c | d << 32, e | f << 32, g | h << 32, i | j << 32, k | l << 32, m]
    }
}

impl From<[u64; 8]> for Ring {
    fn from([newest, ab, cd, ef, gh, ij, kl, m]: [u64; 8]) -> Self {
        let (low, high) = (|word: u64| word as u32, |word: u64| (word >> 32) as u32);
        let [a, b, c, d, e, f] = [low(ab), high(ab), low(cd), high(cd), low(ef), high(ef)];
        let [g, h, i, j, k, l] = [low(gh), high(gh), low(ij), high(ij), low(kl), high(kl)];
        Self { newest, counts: [a, b, c, d, e, f, g, h, i, j, k, l, low(m)] }
    }
}

impl Ring {
    /// The same, seen from part `now`: what has left the window is forgotten.
    fn seen_from(mut self, now: u64) -> Self {
        let passed = now.saturating_sub(self.newest);
        // Of a clock that was set back by more than the window, nothing that was counted makes sense any more.
        if passed >= TOUCHED as u64 || self.newest - now.min(self.newest) > PARTS {
            return Self { newest: now, ..Self::default() };
        }
        for part in self.newest + 1..=self.newest + passed {
            self.set(part, 0);
        }
        self.newest += passed;
        self
    }

    /// The parts in the window with their counts, oldest first.
    fn parts(&self) -> impl DoubleEndedIterator<Item = (u64, u32)> {
        (self.newest.saturating_sub(PARTS)..=self.newest).map(|part| (part, self.count(part)))
    }

    fn count(&self, part: u64) -> u32 {
        self.counts.get(slot(part)).copied().unwrap_or_default()
    }

    fn set(&mut self, part: u64, count: u32) {
        if let Some(old) = self.counts.get_mut(slot(part)) {
            *old = count;
        }
    }
}

fn slot(part: u64) -> usize {
    (part % TOUCHED as u64) as usize
}

/// The state after the request, and what is said to it. A refusal changes nothing.
pub(crate) fn check(ring: Ring, taking: &Taking<'_>) -> (Ring, Verdict) {
    let (window, limit, cost) = (taking.quota.window_nanos(), taking.quota.capacity(), taking.cost);
    let length = window.div_ceil(PARTS);
    let mut present = ring.seen_from(taking.now / length);
    let gone_at = |part: u64| (part + TOUCHED as u64).saturating_mul(length).max(taking.now);
    let full_at = |ring: &Ring| {
        let last = ring.parts().rev().find(|(_, count)| *count > 0);
        last.map_or(taking.now, |(part, _)| gone_at(part))
    };
    let used: u64 = present.parts().map(|(_, count)| u64::from(count)).sum();
    let remaining = u64::from(limit).saturating_sub(used);
    if u64::from(cost) > remaining {
        let mut left = used;
        let makes_room = |(_, count): &(u64, u32)| {
            left -= u64::from(*count);
            left + u64::from(cost) <= u64::from(limit)
        };
        // None makes room for what costs more than the limit.
        let wait = present.parts().find(makes_room).map_or(window, |(part, _)| gone_at(part) - taking.now);
        return (ring, taking.refuse(remaining, full_at(&present), wait));
    }
    present.set(present.newest, present.count(present.newest).saturating_add(cost));
    (present, taking.allow(remaining - u64::from(cost), full_at(&present)))
}
