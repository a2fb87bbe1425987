//! Time that passes: for what lasts, rather than for when it was.

use std::{fmt, sync::Arc, time::Instant};

use crate::Clock;

/// Nanoseconds since the Unix epoch, by which limits are counted, values expire and breakers recover.
///
/// A program takes [`Timeline::steady`]: these are spans of time, and a clock that is set forward or back must neither
/// let anyone in nor shut anyone out. A test follows its own clock.
#[derive(Clone)]
pub struct Timeline(Source);

#[derive(Clone)]
enum Source {
    Steady { begin: Instant, epoch: u64 },
    Following(Arc<dyn Clock>),
}

impl Timeline {
    /// The time since the epoch that `clock` shows now, and from here on the time that really passes.
    #[must_use]
    pub fn steady(clock: &dyn Clock) -> Self {
        Self(Source::Steady { begin: Instant::now(), epoch: nanos_of(clock) })
    }

    /// The time that `clock` shows, wherever it is turned.
    #[must_use]
    pub fn following(clock: Arc<dyn Clock>) -> Self {
        Self(Source::Following(clock))
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Moment {
        match &self.0 {
            // 584 years fit.
            Source::Steady { begin, epoch } => {
                Moment(epoch.saturating_add(u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX)))
            }
            Source::Following(clock) => Moment(nanos_of(&**clock)),
        }
    }
}

/// A moment of a [`Timeline`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// Nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.0
    }
}

/// Before 1970 it is always 1970, after 2262 always 2262.
fn nanos_of(clock: &dyn Clock) -> u64 {
    let nanos = clock.now().timestamp_nanos_opt().unwrap_or(i64::MAX);
    u64::try_from(nanos).unwrap_or_default()
}

impl fmt::Debug for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Source::Steady { .. } => f.write_str("Timeline::steady"),
            Source::Following(_) => f.write_str("Timeline::following"),
        }
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use std::time::Duration;

    use crate::{ManualClock, SystemClock};

    use super::*;

    const MICROSECOND: u64 = 1_000;

    #[test]
    fn a_steady_timeline_starts_at_the_clock_and_does_not_look_again() {
        let clock = ManualClock::default();
        let (before, timeline) = (nanos_of(&clock), Timeline::steady(&clock));
        clock.advance(Duration::from_secs(1_000_000));
        let passed = timeline.now().nanos() - before;
        assert!(passed < 1_000_000_000 * MICROSECOND, "{passed}");
    }

    #[test]
    fn a_following_timeline_goes_where_the_clock_goes() {
        let clock = Arc::new(ManualClock::default());
        let timeline = Timeline::following(clock.clone());
        let before = timeline.now();
        clock.advance(Duration::from_micros(9));
        assert_eq!(timeline.now().nanos() - before.nanos(), 9 * MICROSECOND);
    }

    #[test]
    fn time_is_told_from_the_epoch() {
        let start = SystemClock.now();
        let moment = Timeline::following(Arc::new(ManualClock::at(start))).now();
        assert_eq!(Some(moment.nanos()), start.timestamp_nanos_opt().and_then(|nanos| nanos.try_into().ok()));
    }
}
