//! Leaves a callee alone that keeps failing.

mod change;
mod permit;
mod policy;
mod state;
mod tally;
mod word;

use std::{
    fmt,
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use palisade_core::Timeline;
use tokio::sync::watch;

use self::{
    permit::Outcome,
    state::{Tallies, count},
    word::{Period, Phase, Word},
};
pub use self::{
    permit::Permit,
    policy::{BreakerPolicy, Trip},
    state::{BreakerCounters, Open, State},
};
use crate::Error;

/// Leaves a callee alone that keeps failing: callers are refused in nanoseconds in place of waiting for it, and it gets
/// the quiet to recover (Nygard, "Release It!", chapter 5).
///
/// Closed, it lets every call through and counts. When [`Trip`] says so it opens, and lets none through until the
/// recovery time is over. The next call then finds it half-open and is a probe: as many as the policy names get through
/// at once; enough successes close it, one failure opens it again. A probe that has no outcome within another recovery
/// time is given up, and its place goes to the next caller.
///
/// An outcome counts in the period in which its call began and in no other: what began before the breaker opened
/// neither closes nor re-opens it. Nothing happens by itself: an open breaker is `Open` until somebody calls.
///
/// Who knows better than the calls do, such as a handle that has lost its connection, says so by [`trip`](Self::trip),
/// [`hold_open`](Self::hold_open), [`half_open`](Self::half_open) and [`reset`](Self::reset).
///
/// A call through a closed breaker reads one word and counts itself in another; it takes no lock and allocates nothing.
/// Cloning is cheap; all clones are one breaker.
#[derive(Clone)]
pub struct Breaker(Arc<Inner>);

struct Inner {
    name: Arc<str>,
    policy: BreakerPolicy,
    timeline: Timeline,
    /// A [`Word`].
    word: AtomicU64,
    /// By the timeline: when an open breaker lets a probe in, and when a half-open one gives its probes up.
    due: AtomicU64,
    /// Held while the state changes and the change is told, so that log lines come in the order of changes. What
    /// receives them must not call this breaker meanwhile.
    changing: Mutex<()>,
    state: watch::Sender<State>,
    tallies: Tallies,
}

impl Breaker {
    /// A closed breaker; `name` says in logs and metrics whom it guards.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, policy: BreakerPolicy, timeline: Timeline) -> Self {
        Self(Arc::new(Inner {
            name: name.into(),
            policy,
            timeline,
            word: AtomicU64::new(Word::NEW.0),
            due: AtomicU64::new(0),
            changing: Mutex::new(()),
            state: watch::Sender::new(State::Closed),
            tallies: Tallies::default(),
        }))
    }

    /// Whom it guards.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Asks to make a call.
    ///
    /// # Errors
    /// When the breaker is open, or half-open with all its probes under way.
    #[inline]
    pub fn acquire(&self) -> Result<Permit<'_>, Open> {
        let word = self.word();
        if word.is_closed() {
            return Ok(Permit::new(self, word.period()));
        }
        self.acquire_probe()
    }

    /// Makes a call if it may be made. Of its errors those that `is_failure` names speak against the callee; any other
    /// is an answer.
    ///
    /// # Errors
    /// [`Error::Open`] when the call was not made, [`Error::Failed`] with what it failed with.
    pub async fn call<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        is_failure: impl FnOnce(&E) -> bool,
    ) -> Result<T, Error<E>> {
        let permit = self.acquire()?;
        match call.await {
            Ok(answer) => {
                permit.succeeded();
                Ok(answer)
            }
            Err(error) => {
                if is_failure(&error) {
                    permit.failed()
                } else {
                    permit.succeeded()
                }
                Err(Error::Failed { error, attempts: 1 })
            }
        }
    }

    /// Whether calls get through.
    #[must_use]
    pub fn state(&self) -> State {
        self.word().phase().state()
    }

    /// Tells of each change of state. Changes that follow one another fast may be told as one.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<State> {
        self.0.state.subscribe()
    }

    /// What has happened since it was made.
    #[must_use]
    pub fn counters(&self) -> BreakerCounters {
        self.0.tallies.read()
    }

    fn word(&self) -> Word {
        Word(self.0.word.load(Ordering::Acquire))
    }

    /// Replaces a word that nobody has changed meanwhile.
    fn exchange(&self, from: Word, to: Word) -> bool {
        self.0.word.compare_exchange(from.0, to.0, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Counts how a call of the period `began` went.
    #[inline]
    fn judge(&self, began: Period, outcome: Outcome) {
        let tallies = &self.0.tallies;
        count(match outcome {
            Outcome::Success => &tallies.successes,
            Outcome::Failure => &tallies.failures,
            Outcome::Cancelled => &tallies.cancelled,
        });
        loop {
            let word = self.word();
            if word.period() != began || self.count_in(word, outcome) {
                return;
            }
        }
    }

    /// Whether the outcome is counted; if not, `word` was old.
    fn count_in(&self, word: Word, outcome: Outcome) -> bool {
        match (word.phase(), outcome) {
            (Phase::Open, _) | (Phase::Closed(_), Outcome::Cancelled) => true,
            (Phase::Closed(tally), _) => match tally.after(outcome == Outcome::Failure, self.0.policy.trip) {
                // Nothing to write, which is the way of every success after a success.
                Some(next) if next == tally => true,
                Some(next) => self.exchange(word, word.counting(Phase::Closed(next))),
                None => self.open(word, "too many calls failed"),
            },
            (Phase::HalfOpen { .. }, Outcome::Failure) => self.open(word, "a probe failed"),
            (Phase::HalfOpen { successes, .. }, Outcome::Success)
                if successes + 1 >= self.0.policy.successes =>
            {
                self.close(word)
            }
            (Phase::HalfOpen { probes, successes }, _) => {
                let successes = successes + u16::from(outcome == Outcome::Success);
                let phase = Phase::HalfOpen { probes: probes.saturating_sub(1), successes };
                self.exchange(word, word.counting(phase))
            }
        }
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker")
            .field("name", &self.name())
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
