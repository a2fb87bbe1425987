//! State that all connections of one database share.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use palisade_resilience::{Breaker, State};

use crate::{Dialect, monitor::Monitor};

/// Settings, circuit breaker and measurements of one database.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) dialect: Dialect,
    /// SQLite has no server to lose.
    pub(crate) breaker: Option<Breaker>,
    pub(crate) monitor: Monitor,
    /// How often the server has answered.
    pub(crate) answers: AtomicU64,
    pub(crate) acquire_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    /// Opens a transaction.
    pub(crate) begin: String,
    /// Each statement outside a transaction gets one of its own: a pooler lends the session to others in between.
    pub(crate) shares_sessions: bool,
    /// Closing the connection would lose the data.
    pub(crate) is_in_memory: bool,
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
