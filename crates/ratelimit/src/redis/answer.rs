//! Reading what the scripts say.

use std::time::Duration;

use crate::{Decision, Error, Quota};

/// Each number takes so many bytes, the lowest first.
const WORD: usize = 6;

/// A byte that says whether the request is allowed, and numbers for each quota in turn.
pub(super) struct Answer(Vec<u8>);

/// How a request stands with one quota.
pub(super) struct Standing {
    /// How many more would pass.
    pub(super) remaining: u64,
    /// How long until the quota is whole.
    pub(super) reset_after: Duration,
    /// How long to wait when this quota refuses.
    pub(super) wait: Option<Duration>,
}

impl Answer {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn allowed(&self) -> bool {
        self.0.first() == Some(&1)
    }

    /// The numbers, `N` for each quota.
    pub(super) fn words<const N: usize>(&self) -> impl Iterator<Item = [u64; N]> {
        let numbers = self.0.get(1..).unwrap_or_default();
        numbers.chunks_exact(N * WORD).map(|chunk| {
            let mut words = [0; N];
            for (word, bytes) in words.iter_mut().zip(chunk.chunks_exact(WORD)) {
                *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
            }
            words
        })
    }
}

/// The decision of all quotas together.
pub(super) fn decide<'a>(
    allowed: bool,
    standings: impl Iterator<Item = (&'a Quota, Standing)>,
) -> Result<Decision, Error> {
    let decisions = standings.filter(|(_, standing)| allowed == standing.wait.is_none());
    let decisions = decisions.map(|(quota, standing)| Decision {
        allowed,
        quota: *quota,
        remaining: u32::try_from(standing.remaining).unwrap_or(u32::MAX),
        reset_after: standing.reset_after,
        retry_after: standing.wait,
    });
    decisions
        .reduce(Decision::tighter)
        .ok_or_else(|| Error::unavailable("the script's answer makes no sense"))
}

/// Microseconds as a time after which the server's clock, which a script reads in milliseconds, has passed them.
pub(super) fn whole_millis(micros: u64) -> Duration {
    Duration::from_millis(micros.div_ceil(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_scripts_write_them() {
        let answer = Answer::new(vec![1, 5, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2]);
        assert!(answer.allowed());
        assert_eq!(answer.words::<2>().collect::<Vec<_>>(), [[5, 256 + (2 << 40)]]);
        assert_eq!(answer.words::<1>().count(), 2);
    }

    #[test]
    fn an_answer_without_numbers_is_no_decision() {
        let answer = Answer::new(vec![]);
        assert!(!answer.allowed() && answer.words::<1>().next().is_none());
        assert!(decide(false, std::iter::empty()).is_err());
    }
}
