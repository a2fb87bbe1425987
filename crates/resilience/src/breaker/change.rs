//! How a breaker changes its state: rarely, one change at a time, each told once.

use std::{
    sync::{MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use super::{
    Breaker, Permit,
    state::{Open, State, count},
    tally::Tally,
    word::{Phase, Word},
};
use crate::spans::nanos;

/// A `due` that never comes: the breaker is held open.
const NEVER: u64 = u64::MAX;

/// What a caller is told who finds all probes under way: one of them is about to tell.
const SOON: Duration = Duration::from_secs(1);

impl Breaker {
    /// Opens it for the recovery time, whatever the calls were like; `reason` is for the log. If it is open already,
    /// the recovery time begins anew.
    pub fn trip(&self, reason: &str) {
        self.force_open(self.after_recovery(), reason);
    }

    /// Opens it until [`half_open`](Self::half_open) or [`reset`](Self::reset), for whoever will know when the callee
    /// is back; `reason` is for the log. Callers are told to come back after the recovery time.
    pub fn hold_open(&self, reason: &str) {
        self.force_open(NEVER, reason);
    }

    /// If it is open, lets probes through from now on: the callee may be back.
    pub fn half_open(&self) {
        let _turn = self.turn();
        let word = self.word();
        if word.phase() == Phase::Open {
            self.change(word, Phase::HalfOpen { probes: 0, successes: 0 }, self.after_recovery(), "asked to");
        }
    }

    /// Closes it and forgets how calls have gone: the callee is back.
    pub fn reset(&self) {
        let _turn = self.turn();
        while !self.change(self.word(), Phase::Closed(Tally::default()), 0, "reset") {}
    }

    /// Asks to make a call through a breaker that was not closed a moment ago.
    #[cold]
    pub(super) fn acquire_probe(&self) -> Result<Permit<'_>, Open> {
        loop {
            let word = self.word();
            let let_in = match word.phase() {
                Phase::Closed(_) => true,
                Phase::HalfOpen { probes, successes } if probes < self.0.policy.probes => {
                    self.exchange(word, word.counting(Phase::HalfOpen { probes: probes + 1, successes }))
                }
                Phase::HalfOpen { .. } | Phase::Open => match self.time_left(word) {
                    // It belongs to a state that is gone.
                    Some(_) if self.word() != word => false,
                    Some(retry_after) => {
                        count(&self.0.tallies.rejections);
                        return Err(Open { retry_after });
                    }
                    None => match self.begin_probing(word) {
                        Some(word) => return Ok(Permit::new(self, word.period())),
                        None => false,
                    },
                },
            };
            if let_in {
                return Ok(Permit::new(self, word.period()));
            }
        }
    }

    /// Opens it because of the calls; `false` when `word` was old.
    #[cold]
    pub(super) fn open(&self, word: Word, reason: &str) -> bool {
        let _turn = self.turn();
        self.change(word, Phase::Open, self.after_recovery(), reason)
    }

    /// Closes it because of its probes; `false` when `word` was old.
    #[cold]
    pub(super) fn close(&self, word: Word) -> bool {
        let _turn = self.turn();
        self.change(word, Phase::Closed(Tally::default()), 0, "the probes succeeded")
    }

    /// Begins a half-open period with this caller's probe, if nobody else has done so.
    fn begin_probing(&self, word: Word) -> Option<Word> {
        let _turn = self.turn();
        // Whoever had the turn before may have opened it again.
        if self.time_left(word).is_some() {
            return None;
        }
        let probing = Phase::HalfOpen { probes: 1, successes: 0 };
        let reason =
            if word.phase() == Phase::Open { "the recovery time is over" } else { "probes were given up" };
        self.change(word, probing, self.after_recovery(), reason).then(|| word.next(probing))
    }

    fn force_open(&self, due: u64, reason: &str) {
        let _turn = self.turn();
        loop {
            let word = self.word();
            if word.phase() == Phase::Open {
                self.0.due.store(due, Ordering::Release);
                return;
            }
            if self.change(word, Phase::Open, due, reason) {
                return;
            }
        }
    }

    /// Goes from `word` to the next period and tells of it; `false` when `word` is not the present one. Only who has
    /// the turn may call this.
    fn change(&self, word: Word, to: Phase, due: u64, reason: &str) -> bool {
        if word != self.word() {
            return false;
        }
        // First, so that whoever sees the new state sees the time that belongs to it.
        self.0.due.store(due, Ordering::Release);
        if !self.exchange(word, word.next(to)) {
            return false;
        }
        let (from, to) = (word.phase().state(), to.state());
        if from != to {
            self.tell(to, reason);
        }
        true
    }

    fn tell(&self, state: State, reason: &str) {
        let (breaker, tallies) = (self.name(), &self.0.tallies);
        match state {
            State::Open => {
                count(&tallies.opened);
                tracing::warn!(breaker, reason, recovery = ?self.0.policy.recovery, "circuit_breaker.opened");
            }
            State::HalfOpen => {
                count(&tallies.half_opened);
                tracing::info!(breaker, reason, "circuit_breaker.half_opened");
            }
            State::Closed => {
                count(&tallies.closed);
                tracing::info!(breaker, reason, "circuit_breaker.closed");
            }
        }
        self.0.state.send_replace(state);
    }

    /// How long a caller is turned away from now; `None` when the time of the state is over.
    fn time_left(&self, word: Word) -> Option<Duration> {
        let (due, recovery) = (self.0.due.load(Ordering::Acquire), self.0.policy.recovery);
        if due == NEVER {
            return Some(recovery);
        }
        let mut left = Duration::from_nanos(due.saturating_sub(self.0.timeline.now().nanos()));
        if left > recovery {
            // No period is that long: the clock was set back. The time is counted from this moment.
            let again = self.after_recovery();
            let _ = self.0.due.compare_exchange(due, again, Ordering::AcqRel, Ordering::Relaxed);
            left = recovery;
        }
        let told = if word.phase() == Phase::Open { left } else { left.min(SOON) };
        (!left.is_zero()).then_some(told)
    }

    fn after_recovery(&self) -> u64 {
        self.0.timeline.now().nanos().saturating_add(nanos(self.0.policy.recovery))
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.0.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Phase {
    pub(super) fn state(self) -> State {
        match self {
            Self::Closed(_) => State::Closed,
            Self::Open => State::Open,
            Self::HalfOpen { .. } => State::HalfOpen,
        }
    }
}
