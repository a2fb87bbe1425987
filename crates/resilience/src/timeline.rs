//! The time in which spans are measured: how long a breaker has been open, how old a retry is.

use std::{fmt, sync::Arc, time::Duration};

use palisade_core::Clock;
use tokio::time::Instant;

/// Where breakers and budgets take the time from.
///
/// A program takes [`Timeline::steady`]: a recovery time is a span, and a computer's clock that is set forward or back
/// must neither end it early nor make it last. A test follows a clock that it turns by hand.
#[derive(Clone)]
pub struct Timeline(Source);

#[derive(Clone)]
enum Source {
    Steady { begin: Instant },
    Following(Arc<dyn Clock>),
}

impl Timeline {
    /// The time that really passes. In a test of a runtime whose time is paused, that time.
    #[must_use]
    pub fn steady() -> Self {
        Self(Source::Steady { begin: Instant::now() })
    }

    /// The time that `clock` shows, wherever it is turned. What is measured by it gets over a clock that is set back:
    /// nothing lasts longer than its span counted from when that is noticed.
    #[must_use]
    pub fn following(clock: Arc<dyn Clock>) -> Self {
        Self(Source::Following(clock))
    }

    /// Nanoseconds since the beginning of this timeline, never 0 and in u64 for 292 years.
    pub(crate) fn now(&self) -> u64 {
        let now = match &self.0 {
            Source::Steady { begin } => nanos(begin.elapsed()),
            Source::Following(clock) => {
                u64::try_from(clock.now().timestamp_nanos_opt().unwrap_or(i64::MAX)).unwrap_or_default()
            }
        };
        now.saturating_add(1)
    }
}

/// A duration in nanoseconds, at most 292 years so that two of them can be added.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).min(u64::MAX / 2)
}

impl fmt::Debug for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Source::Steady { .. } => f.write_str("Timeline::steady"),
            Source::Following(_) => f.write_str("Timeline::following"),
        }
    }
}

#[cfg(test)]
mod tests {
    use palisade_core::ManualClock;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn steady_time_is_the_time_that_passes() {
        let timeline = Timeline::steady();
        let before = timeline.now();
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(timeline.now() - before, 3_000_000_000);
    }

    #[test]
    fn a_following_timeline_goes_where_the_clock_goes() {
        let clock = Arc::new(ManualClock::default());
        let timeline = Timeline::following(clock.clone());
        let before = timeline.now();
        clock.advance(Duration::from_micros(9));
        assert_eq!(timeline.now() - before, 9_000);
    }

    #[test]
    fn the_longest_spans_can_be_added() {
        assert_eq!(nanos(Duration::MAX).checked_add(nanos(Duration::MAX)), Some(u64::MAX - 1));
    }
}
