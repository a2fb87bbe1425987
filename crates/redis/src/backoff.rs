//! When a lost server is tried again.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

const FIRST: Duration = Duration::from_millis(50);
/// Together with a ping's and a connection's time limit this keeps the way back well under five seconds.
const LONGEST: Duration = Duration::from_secs(1);

/// Waits that double: at once, then 50 ms to 1 s, each shortened by up to a quarter so that the processes that lost one
/// server do not return to it in step.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    attempts: u32,
}

impl Backoff {
    pub(crate) fn reset(&mut self) {
        self.attempts = 0;
    }

    pub(crate) fn next(&mut self) -> Duration {
        let attempt = self.attempts;
        self.attempts = attempt.saturating_add(1);
        match attempt.checked_sub(1) {
            None => Duration::ZERO,
            Some(doublings) => {
                let wait = FIRST.saturating_mul(1 << doublings.min(10)).min(LONGEST);
                wait - wait.mul_f32(0.25 * chance())
            }
        }
    }
}

/// A number from 0 to 1. The standard library seeds each hasher differently, which is random enough to spread.
fn chance() -> f32 {
    f32::from(u8::try_from(RandomState::new().hash_one(()) & 0xFF).unwrap_or_default()) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_at_once_then_slower_up_to_a_second() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next(), Duration::ZERO);
        let waits: Vec<Duration> = (0..12).map(|_| backoff.next()).collect();
        assert!(waits[0] <= FIRST && waits[0] >= FIRST.mul_f32(0.74), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= LONGEST), "{waits:?}");
        assert!(waits[11] >= LONGEST.mul_f32(0.74), "{waits:?}");
        backoff.reset();
        assert_eq!(backoff.next(), Duration::ZERO);
    }
}
