//! When a breaker opens, and how it closes again.

use std::time::Duration;

/// The most that one part of a [`Tally`](super::tally::Tally) counts to. It fits the twelve bits that
/// [`Word`](super::word::Word) has for it.
pub(super) const MOST: u16 = 4_000;

/// When a breaker opens and how it closes again.
///
/// By default it opens after five failures in a row, lets one probe through after a minute (as Resilience4j does), and
/// closes when that succeeds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BreakerPolicy {
    pub(super) trip: Trip,
    pub(super) recovery: Duration,
    pub(super) probes: u16,
    pub(super) successes: u16,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self { trip: Trip::default(), recovery: Duration::from_secs(60), probes: 1, successes: 1 }
    }
}

impl BreakerPolicy {
    /// The same, opening at `trip`.
    #[must_use]
    pub const fn trip_at(mut self, trip: Trip) -> Self {
        self.trip = trip;
        self
    }

    /// The same, leaving the callee alone for `recovery` before a probe is let through. Less than a millisecond counts
    /// as one.
    #[must_use]
    pub const fn recover_after(mut self, recovery: Duration) -> Self {
        const LEAST: Duration = Duration::from_millis(1);
        self.recovery = if recovery.as_nanos() < LEAST.as_nanos() { LEAST } else { recovery };
        self
    }

    /// The same with up to `most` probes at once while half-open; 0 counts as 1, and 4,000 are the most.
    #[must_use]
    pub const fn probes(mut self, most: u16) -> Self {
        self.probes = within_bounds(most);
        self
    }

    /// The same, closing after `successes` probes in a row; 0 counts as 1, and 4,000 are the most.
    #[must_use]
    pub const fn close_after(mut self, successes: u16) -> Self {
        self.successes = within_bounds(successes);
        self
    }

    /// How long the callee is left alone.
    #[must_use]
    pub const fn recovery(&self) -> Duration {
        self.recovery
    }
}

/// What opens a closed breaker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trip(pub(super) Condition);

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Condition {
    Consecutive {
        failures: u16,
    },
    Rate {
        /// Failures in a million calls.
        per_million: u32,
        minimum: u16,
        /// Half the window.
        half: u16,
    },
}

impl Default for Trip {
    /// Five failures in a row.
    fn default() -> Self {
        Self::consecutive(5)
    }
}

impl Trip {
    /// So many failures without a success between; 0 counts as 1, and 4,000 are the most.
    ///
    /// Right for a callee that is there or is not. One that fails nine calls of ten and is lucky in between is caught
    /// by [`Self::rate`].
    #[must_use]
    pub const fn consecutive(failures: u16) -> Self {
        Self(Condition::Consecutive { failures: within_bounds(failures) })
    }

    /// `ratio` (above 0, up to 1) of the calls in the window, once there are `minimum` of them.
    ///
    /// The window is counted in calls and not in time, so that a rare failure weighs the same at night: `window` calls
    /// (2 to 8,000) at most and half of them at least, for it moves on by halves. That way its whole state is a few
    /// bits beside the breaker's, and an outcome is counted without a lock. `minimum` is at most the window.
    #[must_use]
    pub fn rate(ratio: f64, minimum: u16, window: u16) -> Self {
        // What is no number becomes the least.
        let per_million = (ratio * 1e6).clamp(1.0, 1e6).ceil() as u32;
        let half = within_bounds(window.div_ceil(2));
        let minimum = if minimum == 0 { 1 } else { minimum }.min(half.saturating_mul(2));
        Self(Condition::Rate { per_million: per_million.max(1), minimum, half })
    }
}

const fn within_bounds(count: u16) -> u16 {
    match count {
        0 => 1,
        count if count > MOST => MOST,
        count => count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_numbers_become_the_nearest_possible_ones() {
        let policy = BreakerPolicy::default().recover_after(Duration::ZERO).probes(0).close_after(u16::MAX);
        assert_eq!((policy.recovery, policy.probes, policy.successes), (Duration::from_millis(1), 1, 4_000));
        assert_eq!(Trip::consecutive(0), Trip::consecutive(1));
        for (given, used) in [((f64::NAN, 0, 0), (1, 1, 1)), ((7.0, 99, 10), (1_000_000, 10, 5))] {
            let Trip(Condition::Rate { per_million, minimum, half }) = Trip::rate(given.0, given.1, given.2)
            else {
                panic!("a rate")
            };
            assert_eq!((per_million, minimum, half), used);
        }
    }
}
