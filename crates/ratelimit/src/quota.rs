//! So many in so much time.

use std::{num::NonZeroU32, time::Duration};

const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MILLISECOND;
const DAY: u64 = 86_400 * SECOND;

/// So many in so much time, such as 60 a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quota {
    limit: NonZeroU32,
    /// Allowance on top of the limit.
    burst: u32,
    /// Nanoseconds.
    window: u64,
    /// Nanoseconds in which one more becomes free, rounded up.
    interval: u64,
}

/// Why a quota cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuota {
    /// A limit of nothing is a closed door, not a rate.
    #[error("the limit of a quota is at least 1")]
    NoLimit,
    /// The window is shorter than a clock is good for, or longer than a counter should be kept.
    #[error("the window of a quota is between 1 ms and 366 days")]
    Window,
}

impl Quota {
    /// The shortest window.
    pub const SHORTEST: Duration = Duration::from_nanos(MILLISECOND);
    /// The longest window.
    pub const LONGEST: Duration = Duration::from_nanos(366 * DAY);

    /// `limit` in each `window`.
    ///
    /// # Errors
    /// When the limit is 0, or the window is not between [`Self::SHORTEST`] and [`Self::LONGEST`].
    pub fn new(limit: u32, window: Duration) -> Result<Self, InvalidQuota> {
        let limit = NonZeroU32::new(limit).ok_or(InvalidQuota::NoLimit)?;
        if !(Self::SHORTEST..=Self::LONGEST).contains(&window) {
            return Err(InvalidQuota::Window);
        }
        let window = u64::try_from(window.as_nanos()).map_err(|_| InvalidQuota::Window)?;
        Ok(Self::of(limit, window))
    }

    /// `n` a second; 0 counts as 1.
    #[must_use]
    pub const fn per_second(n: u32) -> Self {
        Self::of(at_least_one(n), SECOND)
    }

    /// `n` a minute; 0 counts as 1.
    #[must_use]
    pub const fn per_minute(n: u32) -> Self {
        Self::of(at_least_one(n), 60 * SECOND)
    }

    /// `n` an hour; 0 counts as 1.
    #[must_use]
    pub const fn per_hour(n: u32) -> Self {
        Self::of(at_least_one(n), 3_600 * SECOND)
    }

    /// `n` a day; 0 counts as 1.
    #[must_use]
    pub const fn per_day(n: u32) -> Self {
        Self::of(at_least_one(n), DAY)
    }

    /// The same with an allowance of `n` on top of the limit: a rested client may send limit + `n` at once. A token bucket
    /// still refills the limit in each window, and a window passes limit + `n`. An allowance that would take a token bucket
    /// more than [`Self::LONGEST`] to refill is cut to that.
    #[must_use]
    pub const fn with_burst(mut self, n: u32) -> Self {
        let most = 366 * DAY / self.interval;
        // Less than `n`, so it fits.
        self.burst = if n as u64 > most { most as u32 } else { n };
        self
    }

    /// How many in a window.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.limit.get()
    }

    /// How long a window is.
    #[must_use]
    pub const fn window(&self) -> Duration {
        Duration::from_nanos(self.window_nanos())
    }

    /// The allowance on top of the limit; 0 for none.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// How many a rested client may send at once: the limit and the burst.
    #[must_use]
    pub const fn capacity(&self) -> u32 {
        self.limit.get().saturating_add(self.burst)
    }

    /// The share of one of `parts` that count apart: limit and burst divided, the limit at least 1.
    #[must_use]
    pub fn divided_by(&self, parts: NonZeroU32) -> Self {
        let limit = at_least_one(self.limit.get() / parts);
        Self::of(limit, self.window).with_burst(self.burst / parts)
    }

    /// Another limit in the same window, without a burst.
    pub(crate) const fn with_limit(&self, limit: NonZeroU32) -> Self {
        Self::of(limit, self.window)
    }

    /// The window in nanoseconds, never 0.
    pub(crate) const fn window_nanos(&self) -> u64 {
        self.window
    }

    /// How long one request takes to be free again at an even rate, in nanoseconds, rounded up so that no more are
    /// let through than promised. More than one in a nanosecond count as one.
    pub(crate) const fn interval_nanos(&self) -> u64 {
        self.interval
    }

    const fn of(limit: NonZeroU32, window: u64) -> Self {
        // A u32 always fits; `u64::from` is not const.
        Self { limit, burst: 0, window, interval: window.div_ceil(limit.get() as u64) }
    }
}

const fn at_least_one(n: u32) -> NonZeroU32 {
    match NonZeroU32::new(n) {
        Some(n) => n,
        None => NonZeroU32::MIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_per_window_counts_as_one() {
        assert_eq!(Quota::per_minute(0).limit(), 1);
    }

    #[test]
    fn a_burst_comes_on_top_of_the_limit() {
        assert_eq!(Quota::per_hour(5).capacity(), 5);
        assert_eq!(Quota::per_hour(5).with_burst(3).capacity(), 8);
        assert_eq!(Quota::per_hour(5).with_burst(9).capacity(), 14);
        assert_eq!(Quota::per_hour(5).with_burst(0), Quota::per_hour(5));
        assert_eq!(Quota::per_second(u32::MAX).with_burst(9).capacity(), u32::MAX);
    }

    #[test]
    fn a_burst_refills_within_the_longest_window() {
        let yearly = Quota::new(1, Quota::LONGEST).unwrap().with_burst(u32::MAX);
        assert_eq!((yearly.burst(), yearly.capacity()), (1, 2));
        assert_eq!(Quota::per_day(1).with_burst(u32::MAX).burst(), 366);
    }

    #[test]
    fn impossible_quotas_are_refused() {
        assert_eq!(Quota::new(0, Duration::from_secs(1)), Err(InvalidQuota::NoLimit));
        for window in
            [Duration::ZERO, Duration::from_micros(999), Duration::from_secs(400 * 86_400), Duration::MAX]
        {
            assert_eq!(Quota::new(1, window), Err(InvalidQuota::Window), "{window:?}");
        }
        assert_eq!(Quota::new(7, Duration::from_secs(60)), Ok(Quota::per_minute(7)));
    }

    #[test]
    fn shares_round_down_and_are_never_nothing() {
        let parts = NonZeroU32::new(4).unwrap();
        let share = Quota::per_day(11).with_burst(3).divided_by(parts);
        assert_eq!((share.limit(), share.capacity(), share.window()), (2, 2, Duration::from_secs(86_400)));
        assert_eq!(Quota::per_day(11).with_burst(9).divided_by(parts), Quota::per_day(2).with_burst(2));
    }
}
