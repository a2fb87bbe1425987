//! What a lost server costs the callers: one of them waits, the others are refused in microseconds.

use std::{sync::atomic::Ordering, time::Duration};

use palisade_core::{Clock, Timeline};
use palisade_resilience::{Breaker, BreakerPolicy, Open, State, Trip};

use crate::{Error, lease::Shared};

/// How long after a failure the next caller tries the server again.
const PROBE_EVERY: Duration = Duration::from_millis(500);

/// A breaker that opens at the first failure: what fails is the server and not one statement, and each caller who finds
/// that out for itself waits for the acquire timeout.
pub(crate) fn breaker(clock: &dyn Clock) -> Breaker {
    let policy = BreakerPolicy::default().trip_at(Trip::consecutive(1)).recover_after(PROBE_EVERY);
    Breaker::new("database", policy, Timeline::steady(clock))
}

pub(crate) fn refused(_: Open) -> Error {
    Error::unavailable("it failed a moment ago and is being tried again")
}

impl Shared {
    /// The server has answered, whoever asked.
    pub(crate) fn answered(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        // A read of one word, nearly always: this runs after every statement.
        if let Some(breaker) = self.breaker.as_ref().filter(|breaker| breaker.state() != State::Closed) {
            breaker.reset();
        }
    }

    /// How often the server has answered, whomever: when this number has changed, the server is there.
    pub(crate) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// The server, not a statement or a connection, is at fault.
    pub(crate) fn failed(&self, reason: &str) {
        if let Some(breaker) = &self.breaker {
            breaker.trip(reason);
        }
    }
}
