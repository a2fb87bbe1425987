//! The whole of a breaker's changing state in one word, so that a call counts itself with one exchange and no lock.

use super::tally::Tally;

/// From the lowest bit: 2 of the state, 12 and 12 of counts, 13 of the half window before, 25 of the period.
///
/// A period is the time from one change of state to the next. A call carries the number of the one it began in, and
/// its outcome counts in no other. Numbers come round after 33 million changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(pub(super) u64);

/// What a breaker knows besides its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Closed(Tally),
    Open,
    HalfOpen {
        /// Under way.
        probes: u16,
        /// So far.
        successes: u16,
    },
}

/// The number of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period(u32);

const STATE: u64 = 0b11;
const CLOSED: u64 = 0;
const OPEN: u64 = 1;
const HALF_OPEN: u64 = 2;
const FIRST: u32 = 2;
const SECOND: u32 = FIRST + 12;
const BEFORE: u32 = SECOND + 12;
const PERIOD: u32 = BEFORE + 13;

impl Word {
    /// A closed breaker in its first period.
    pub(super) const NEW: Self = Self(CLOSED);

    /// Whether the breaker is closed, without taking the word apart.
    pub(super) const fn is_closed(self) -> bool {
        self.0 & STATE == CLOSED
    }

    pub(super) const fn period(self) -> Period {
        Period((self.0 >> PERIOD) as u32)
    }

    pub(super) fn phase(self) -> Phase {
        let (first, second) = (self.bits(FIRST, 12), self.bits(SECOND, 12));
        match self.0 & STATE {
            CLOSED => Phase::Closed(Tally {
                failures: first,
                calls: second,
                before: self.bits(BEFORE, 13).checked_sub(1),
            }),
            HALF_OPEN => Phase::HalfOpen { probes: first, successes: second },
            _ => Phase::Open,
        }
    }

    /// The same period with other counts.
    pub(super) fn counting(self, phase: Phase) -> Self {
        Self((self.0 >> PERIOD << PERIOD) | pack(phase))
    }

    /// The next period.
    pub(super) fn next(self, phase: Phase) -> Self {
        Self(((self.0 >> PERIOD).wrapping_add(1) << PERIOD) | pack(phase))
    }

    fn bits(self, from: u32, count: u32) -> u16 {
        (self.0 >> from & ((1 << count) - 1)) as u16
    }
}

fn pack(phase: Phase) -> u64 {
    match phase {
        Phase::Closed(Tally { before, calls, failures }) => {
            let before = before.map_or(0, |failures| u64::from(failures) + 1);
            CLOSED | u64::from(failures) << FIRST | u64::from(calls) << SECOND | before << BEFORE
        }
        Phase::Open => OPEN,
        Phase::HalfOpen { probes, successes } => {
            HALF_OPEN | u64::from(probes) << FIRST | u64::from(successes) << SECOND
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::policy::MOST, *};

    fn phases() -> impl Strategy<Value = Phase> {
        let count = || 0..=MOST;
        prop_oneof![
            Just(Phase::Open),
            (count(), count()).prop_map(|(probes, successes)| Phase::HalfOpen { probes, successes }),
            (proptest::option::of(count()), count(), count())
                .prop_map(|(before, calls, failures)| Phase::Closed(Tally { before, calls, failures })),
        ]
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_out_again(any: u64, phase in phases()) {
            let word = Word(any);
            let counted = word.counting(phase);
            prop_assert_eq!((counted.phase(), counted.period()), (phase, word.period()));
            let next = word.next(phase);
            prop_assert_eq!(next.phase(), phase);
            prop_assert_eq!(next.period().0, (word.period().0 + 1) % (1 << 25));
            prop_assert_eq!(next.is_closed(), matches!(phase, Phase::Closed(_)));
        }
    }
}
