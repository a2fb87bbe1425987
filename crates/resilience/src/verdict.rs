//! What an error says about the callee, and about trying again.

use std::time::Duration;

/// What an error says about the callee, and about trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What the breaker is told.
    pub callee: Callee,
    /// What a retry may do.
    pub again: Again,
}

/// How the callee is, by the error it gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callee {
    /// It has answered, and the answer is no.
    Well,
    /// It has failed, or could not be reached.
    Failing,
    /// It was not asked, so the error says nothing of it.
    Unknown,
}

/// Whether another attempt may go better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It would end the same, or must not be made because the first may have had its effect.
    Never,
    /// After the wait that the backoff draws.
    Backoff,
    /// After the wait that the callee asked for, as by `Retry-After`. It is cut to the longest delay of the backoff.
    After(Duration),
}

impl Verdict {
    /// The callee is well and its answer is no: nothing to hold against it, nothing to try again.
    pub const ANSWER: Self = Self { callee: Callee::Well, again: Again::Never };
    /// The callee failed, and another attempt must not be made.
    pub const FAILURE: Self = Self { callee: Callee::Failing, again: Again::Never };
    /// The callee failed, and another attempt may go better.
    pub const TRANSIENT: Self = Self { callee: Callee::Failing, again: Again::Backoff };
    /// The callee is well and has no room for this caller now, as by HTTP's 429.
    pub const BUSY: Self = Self { callee: Callee::Well, again: Again::Backoff };
    /// The callee was not asked, because the call itself is not right: nothing is held against it or in its favour.
    pub const NOT_ASKED: Self = Self { callee: Callee::Unknown, again: Again::Never };

    /// The same, to be tried again after the wait that the callee asked for.
    #[must_use]
    pub const fn after(self, wait: Duration) -> Self {
        Self { again: Again::After(wait), ..self }
    }

    /// [`Self::TRANSIENT`] where `filter` says that trying again may help, [`Self::ANSWER`] elsewhere.
    pub fn retry_if<E>(filter: impl Fn(&E) -> bool) -> impl Fn(&E) -> Self {
        move |error| if filter(error) { Self::TRANSIENT } else { Self::ANSWER }
    }
}
