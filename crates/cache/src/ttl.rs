//! How long a value lives.

use std::{num::NonZeroU32, time::Duration};

use palisade_core::Random;

use crate::Error;

/// How long a value lives: at least a millisecond, at most 100 years, in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ttl(Duration);

const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl Ttl {
    /// A time to live.
    ///
    /// # Errors
    /// [`Error::InvalidTtl`] for nothing and for more than 100 years.
    pub fn new(duration: Duration) -> Result<Self, Error> {
        match (SHORTEST..=LONGEST).contains(&duration) {
            true => Ok(Self(whole_millis(duration))),
            false => Err(Error::InvalidTtl(format!("{duration:?}").into())),
        }
    }

    /// A time to live out of a number that may be anything.
    ///
    /// # Errors
    /// [`Error::InvalidTtl`] for zero, for a negative number and for more than 100 years.
    pub fn from_seconds(seconds: i64) -> Result<Self, Error> {
        let duration = u64::try_from(seconds).map(Duration::from_secs);
        duration.map_err(|_| Error::InvalidTtl(format!("{seconds} s").into())).and_then(Self::new)
    }

    /// So many seconds.
    #[must_use]
    pub const fn seconds(seconds: NonZeroU32) -> Self {
        // 136 years at most, so this is not `new`.
        let duration = Duration::from_secs(seconds.get() as u64);
        Self(if duration.as_secs() > LONGEST.as_secs() { LONGEST } else { duration })
    }

    /// The time.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// Shortened by up to a tenth, so that what was cached together does not expire together.
    #[must_use]
    pub fn jittered(self, random: &dyn Random) -> Self {
        let [byte, other] = random.bytes::<2>();
        let part = f64::from(u16::from_le_bytes([byte, other])) / f64::from(u16::MAX);
        Self(whole_millis(self.0.mul_f64(1.0 - part / 10.0)).max(SHORTEST))
    }
}

fn whole_millis(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use palisade_core::SeededRandom;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_and_less_than_nothing_is_refused() {
        for seconds in [0, -1, i64::MIN, i64::MAX] {
            assert!(matches!(Ttl::from_seconds(seconds), Err(Error::InvalidTtl(_))), "{seconds}");
        }
        assert_eq!(Ttl::new(Duration::from_nanos(1)), Err(Error::InvalidTtl("1ns".into())));
        assert_eq!(Ttl::from_seconds(300).unwrap().duration(), Duration::from_secs(300));
    }

    proptest! {
        #[test]
        fn jitter_shortens_by_a_tenth_at_most(seconds in 1..1_000_000_u32, seed: u64) {
            let ttl = Ttl::seconds(NonZeroU32::new(seconds).unwrap());
            let jittered = ttl.jittered(&SeededRandom::new(seed));
            prop_assert!(jittered <= ttl);
            prop_assert!(jittered.duration() >= ttl.duration().mul_f64(0.899));
        }
    }
}
