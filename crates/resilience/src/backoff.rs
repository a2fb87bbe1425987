//! How long to wait before the next attempt.

use std::{fmt, sync::Arc, time::Duration};

use palisade_core::Random;

use crate::spans::nanos;

/// Waits whose bound doubles, each drawn evenly between nothing and the bound.
///
/// This is the "full jitter" of Marc Brooker, "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015): clients
/// that failed together do not come back together, which needs fewer calls in all than any scheme with less chance in
/// it.
#[derive(Clone)]
pub struct Backoff {
    base: Duration,
    max: Duration,
    random: Arc<dyn Random>,
}

/// A backoff whose waits could not grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the longest delay (max, {max:?}) must not be shorter than the first (base, {base:?})")]
pub struct InvalidBackoff {
    /// The bound of the first wait.
    pub base: Duration,
    /// The bound of every wait.
    pub max: Duration,
}

impl Backoff {
    /// The bound of the first wait, where nobody says otherwise.
    pub const DEFAULT_BASE: Duration = Duration::from_millis(100);
    /// The bound of every wait, where nobody says otherwise: longer than that a client does not wait for an answer.
    pub const DEFAULT_MAX: Duration = Duration::from_secs(2);

    /// The first wait is up to `base`, each one after it up to twice the one before, and none is above `max`.
    ///
    /// # Errors
    /// When `max` is shorter than `base`.
    pub fn new(base: Duration, max: Duration, random: Arc<dyn Random>) -> Result<Self, InvalidBackoff> {
        if max < base { Err(InvalidBackoff { base, max }) } else { Ok(Self { base, max, random }) }
    }

    /// 100 ms at first and 2 s at most.
    #[must_use]
    pub fn standard(random: Arc<dyn Random>) -> Self {
        Self { base: Self::DEFAULT_BASE, max: Self::DEFAULT_MAX, random }
    }

    /// A wait before the retry of this number, the first being 0.
    #[must_use]
    pub fn delay(&self, retry: u32) -> Duration {
        self.up_to(self.bound(retry))
    }

    /// The wait that the callee asked for, and up to the first bound more, so that those who were told the same do not
    /// come back together; none is above `max`.
    #[must_use]
    pub fn delay_after(&self, wanted: Duration) -> Duration {
        wanted.saturating_add(self.up_to(self.base)).min(self.max)
    }

    /// The most that [`delay`](Self::delay) can be.
    #[must_use]
    pub fn bound(&self, retry: u32) -> Duration {
        self.base.saturating_mul(2_u32.saturating_pow(retry)).min(self.max)
    }

    fn up_to(&self, bound: Duration) -> Duration {
        let drawn = u128::from(u64::from_le_bytes(self.random.bytes()));
        // Lemire's multiplication in place of a remainder: no wait is likelier than another by more than 2⁻⁶⁴ × bound.
        let wait = (drawn * (u128::from(nanos(bound)) + 1)) >> 64;
        Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX))
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backoff").field("base", &self.base).field("max", &self.max).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use palisade_core::SeededRandom;
    use proptest::prelude::*;

    use super::*;

    struct Always(u8);

    impl Random for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn standard(random: impl Random) -> Backoff {
        Backoff::standard(Arc::new(random))
    }

    #[test]
    fn the_bound_doubles_up_to_the_longest() {
        let longest = standard(Always(0xFF));
        let waits: Vec<u128> = (0..7).map(|retry| longest.delay(retry).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1_600, 2_000, 2_000]);
        assert_eq!(longest.bound(u32::MAX), Backoff::DEFAULT_MAX);
        assert_eq!(standard(Always(0)).delay(6), Duration::ZERO);
    }

    #[test]
    fn waits_are_spread_evenly() {
        let backoff = standard(SeededRandom::new(7));
        let mut quarters = [0_u32; 4];
        for _ in 0..10_000 {
            let wait = usize::try_from(backoff.delay(0).as_millis()).unwrap();
            quarters[(wait / 25).min(3)] += 1;
        }
        assert!(quarters.iter().all(|count| (2_300..2_700).contains(count)), "{quarters:?}");
    }

    #[test]
    fn a_longest_delay_below_the_first_is_refused() {
        let (base, max) = (Duration::from_millis(500), Duration::from_millis(100));
        let error = Backoff::new(base, max, Arc::new(Always(0))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the longest delay (max, 100ms) must not be shorter than the first (base, 500ms)"
        );
    }

    proptest! {
        #[test]
        fn no_wait_is_above_its_bound(base: Duration, more: Duration, retry: u32, wanted: Duration, seed: u64) {
            let max = base.saturating_add(more);
            let backoff = Backoff::new(base, max, Arc::new(SeededRandom::new(seed))).unwrap();
            prop_assert!(backoff.delay(retry) <= backoff.bound(retry));
            prop_assert!(backoff.bound(retry) <= max);
            let asked = backoff.delay_after(wanted);
            prop_assert!(asked <= max && asked >= wanted.min(max));
        }
    }
}
