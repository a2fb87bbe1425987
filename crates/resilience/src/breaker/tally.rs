//! What a closed breaker remembers of the calls.

use super::policy::{Condition, Trip};

/// How calls have gone. Under [`Trip::consecutive`] `failures` alone is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    /// Failures in the half window before this one, which is full; `None` when there was none.
    pub(super) before: Option<u16>,
    /// Calls in this half window.
    pub(super) calls: u16,
    /// Failures in this half window, or in a row.
    pub(super) failures: u16,
}

impl Tally {
    /// What is remembered after one more call; `None` when that call trips the breaker.
    pub(super) fn after(self, failed: bool, trip: Trip) -> Option<Self> {
        match trip.0 {
            Condition::Consecutive { failures } => {
                let row = if failed { self.failures + 1 } else { 0 };
                (row < failures).then_some(Self { failures: row, ..Self::default() })
            }
            Condition::Rate { per_million, minimum, half } => {
                let now = Self { calls: self.calls + 1, failures: self.failures + u16::from(failed), ..self };
                let calls = u64::from(now.calls) + now.before.map_or(0, |_| u64::from(half));
                let failures = u64::from(now.failures + now.before.unwrap_or(0));
                // A success never trips: it may only be the call that makes the minimum.
                let trips = failed
                    && calls >= u64::from(minimum)
                    && failures * 1_000_000 >= calls * u64::from(per_million);
                (!trips).then(|| now.moved_on(half))
            }
        }
    }

    /// Begins the next half window when this one is full.
    fn moved_on(self, half: u16) -> Self {
        if self.calls < half { self } else { Self { before: Some(self.failures), ..Self::default() } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of the call that trips; calls are written as `.` and `x`.
    fn trips_at(trip: Trip, calls: &str) -> Option<usize> {
        let mut tally = Tally::default();
        calls.chars().position(|call| match tally.after(call == 'x', trip) {
            Some(next) => {
                tally = next;
                false
            }
            None => true,
        })
    }

    #[test]
    fn failures_in_a_row_trip_and_a_success_begins_anew() {
        let trip = Trip::consecutive(3);
        assert_eq!(trips_at(trip, "xx.xx.xxx"), Some(8));
        assert_eq!(trips_at(trip, "xx.xx.xx."), None);
        assert_eq!(trips_at(Trip::consecutive(1), ".x"), Some(1));
    }

    #[test]
    fn a_rate_trips_once_there_are_enough_calls() {
        let trip = Trip::rate(0.5, 4, 10);
        assert_eq!(trips_at(trip, "xxx"), None, "too few calls to tell");
        assert_eq!(trips_at(trip, "xxxx"), Some(3));
        assert_eq!(trips_at(trip, "..xx"), Some(3));
        assert_eq!(trips_at(trip, "xx.."), None, "it is a failure that trips");
        assert_eq!(trips_at(trip, "xx..x"), Some(4));
    }

    #[test]
    fn what_happened_more_than_a_window_ago_is_forgotten() {
        let trip = Trip::rate(0.5, 4, 4);
        assert_eq!(trips_at(trip, "...x.x.x...x"), Some(5), "of the calls from the third on, half failed");
        assert_eq!(trips_at(Trip::rate(0.5, 4, 4), "x....x.."), None);
        assert_eq!(trips_at(Trip::rate(1.0, 2, 2), ".x.x.xx"), Some(6));
    }
}
