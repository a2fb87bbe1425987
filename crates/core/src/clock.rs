//! Time as a parameter.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Where the present moment comes from. Everything that depends on time takes one of these, so that a test
/// turns the clock by hand and never sleeps.
pub trait Clock: Send + Sync + 'static {
    /// The present moment, in whole microseconds: the finest unit that all three databases keep.
    fn now(&self) -> DateTime<Utc>;
}

/// `now` and a duration later; the end of time when it is beyond.
#[must_use]
pub fn after(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    let later = TimeDelta::from_std(wait).ok().and_then(|wait| now.checked_add_signed(wait));
    later.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the computer's clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// A clock that stands still until it is turned.
#[cfg(feature = "testing")]
#[derive(Debug)]
pub struct ManualClock(std::sync::Mutex<DateTime<Utc>>);

#[cfg(feature = "testing")]
impl ManualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: DateTime<Utc>) -> Self {
        Self(std::sync::Mutex::new(start.trunc_subsecs(6)))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now += by;
    }
}

#[cfg(feature = "testing")]
impl Default for ManualClock {
    /// Stands at the computer's present moment, so that what it stamps is plausible.
    fn default() -> Self {
        Self::at(SystemClock.now())
    }
}

#[cfg(feature = "testing")]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
