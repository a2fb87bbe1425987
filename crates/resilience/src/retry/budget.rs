//! How many retries all callers together may make.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use palisade_core::Timeline;

/// Seconds in which calls and retries are counted.
const WINDOW: usize = 10;

/// A bound on retries in proportion to calls, after Finagle's `RetryBudget` and linkerd's: when everything fails, a
/// callee that is overloaded already must not get three times the calls.
///
/// In any ten seconds, retries are at most a share of the calls and a few per second besides, without which a caller
/// who calls rarely could never retry. Cloning is cheap; all clones spend one budget.
#[derive(Clone)]
pub struct RetryBudget(Arc<Inner>);

struct Inner {
    /// Retries in a million calls.
    per_million: u64,
    /// Retries in a window that need no calls.
    reserve: u64,
    timeline: Timeline,
    /// A [`Count`] for each second of the window, without a lock: each call writes here.
    calls: [AtomicU64; WINDOW],
    retries: Mutex<[Count; WINDOW]>,
    refused: AtomicU64,
}

/// How many there were in a second.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    second: u32,
    number: u32,
}

impl RetryBudget {
    /// The share of calls that may be retried, where nobody says otherwise.
    pub const DEFAULT_RATIO: f64 = 0.1;
    /// Retries in each second that need no calls, where nobody says otherwise.
    pub const DEFAULT_PER_SECOND: u32 = 1;

    /// Retries of a tenth of the calls, and one a second besides.
    #[must_use]
    pub fn standard(timeline: Timeline) -> Self {
        Self::new(Self::DEFAULT_RATIO, Self::DEFAULT_PER_SECOND, timeline)
    }

    /// Retries of `ratio` (0 to 1) of the calls, and `per_second` besides.
    #[must_use]
    pub fn new(ratio: f64, per_second: u32, timeline: Timeline) -> Self {
        // What is no number becomes 0.
        let per_million = (ratio * 1e6).clamp(0.0, 1e6).round() as u64;
        Self(Arc::new(Inner {
            per_million,
            reserve: u64::from(per_second) * WINDOW as u64,
            timeline,
            calls: Default::default(),
            retries: Mutex::default(),
            refused: AtomicU64::new(0),
        }))
    }

    /// A call is made, for the first time.
    pub fn deposit(&self) {
        let second = self.second();
        let Some(place) = self.0.calls.get(place(second)) else { return };
        let one_more = |count| Some(Count::unpack(count).one_more(second).pack());
        // The function always gives a count.
        let _ = place.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
    }

    /// Whether a call may be made once more; if so, that is spent.
    #[must_use = "the retry is spent"]
    pub fn withdraw(&self) -> bool {
        let mut retries = self.0.retries.lock().unwrap_or_else(PoisonError::into_inner);
        let second = self.second();
        let calls =
            sum(self.0.calls.iter().map(|count| Count::unpack(count.load(Ordering::Relaxed))), second);
        let allowed = self.0.reserve + calls * self.0.per_million / 1_000_000;
        let may = sum(retries.iter().copied(), second) < allowed;
        if !may {
            self.0.refused.fetch_add(1, Ordering::Relaxed);
        } else if let Some(count) = retries.get_mut(place(second)) {
            *count = count.one_more(second);
        }
        may
    }

    /// How many retries it has refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// Comes round after 136 years.
    fn second(&self) -> u32 {
        (self.0.timeline.now().nanos() / 1_000_000_000) as u32
    }
}

const fn place(second: u32) -> usize {
    second as usize % WINDOW
}

/// What was counted in the window that ends with `second`. What a clock that was set back has left in the future does
/// not count.
fn sum(counts: impl Iterator<Item = Count>, second: u32) -> u64 {
    let in_window = counts.filter(|count| (second.wrapping_sub(count.second) as usize) < WINDOW);
    in_window.map(|count| u64::from(count.number)).sum()
}

impl Count {
    fn one_more(self, second: u32) -> Self {
        let before = if self.second == second { self.number } else { 0 };
        Self { second, number: before.saturating_add(1) }
    }

    fn pack(self) -> u64 {
        u64::from(self.second) << 32 | u64::from(self.number)
    }

    fn unpack(packed: u64) -> Self {
        Self { second: (packed >> 32) as u32, number: packed as u32 }
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryBudget").field("refused", &self.refused()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use palisade_core::ManualClock;

    use super::*;

    fn budget(ratio: f64, per_second: u32) -> (RetryBudget, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        (RetryBudget::new(ratio, per_second, Timeline::following(clock.clone())), clock)
    }

    fn calls(budget: &RetryBudget, number: usize) {
        (0..number).for_each(|_| budget.deposit());
    }

    fn retries(budget: &RetryBudget) -> usize {
        std::iter::repeat_with(|| budget.withdraw()).take_while(|may| *may).count()
    }

    #[test]
    fn retries_are_a_tenth_of_the_calls_and_one_a_second() {
        let (budget, _clock) = budget(RetryBudget::DEFAULT_RATIO, RetryBudget::DEFAULT_PER_SECOND);
        calls(&budget, 1_000);
        assert_eq!(retries(&budget), 100 + 10);
        assert_eq!(budget.refused(), 1);
        calls(&budget, 10);
        assert_eq!(retries(&budget), 1);
    }

    #[test]
    fn whoever_calls_rarely_may_retry_too() {
        let (budget, clock) = budget(0.1, 1);
        calls(&budget, 1);
        assert_eq!(retries(&budget), 10);
        clock.advance(Duration::from_secs(9));
        assert_eq!(retries(&budget), 0, "they are still in the window");
        clock.advance(Duration::from_secs(1));
        assert_eq!(retries(&budget), 10);
    }

    #[test]
    fn calls_count_for_ten_seconds() {
        let (budget, clock) = budget(0.5, 0);
        for _ in 0..20 {
            calls(&budget, 2);
            clock.advance(Duration::from_secs(1));
        }
        assert_eq!(retries(&budget), 9, "of nine full seconds and the present one");
        clock.advance(Duration::from_secs(60));
        assert_eq!(retries(&budget), 0);
    }

    #[test]
    fn impossible_ratios_become_the_nearest_possible_ones() {
        for (ratio, allowed) in [(f64::NAN, 0), (-1.0, 0), (7.0, 100)] {
            let (budget, _clock) = budget(ratio, 0);
            calls(&budget, 100);
            assert_eq!(retries(&budget), allowed, "{ratio}");
        }
    }

    #[test]
    fn no_deposit_and_no_withdrawal_is_lost_between_threads() {
        let (budget, _clock) = budget(0.5, 0);
        std::thread::scope(|scope| {
            (0..4).for_each(|_| drop(scope.spawn(|| calls(&budget, 1_000))));
        });
        let spent = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| retries(&budget))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        assert_eq!(spent, 2_000);
    }
}
