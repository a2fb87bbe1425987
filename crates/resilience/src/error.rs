//! How a guarded call can end without an answer.

use std::time::Duration;

use palisade_core::{ErrorKind, error::Reason};

use crate::{Open, TimedOut};

/// Why a guarded call has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error<E> {
    /// The breaker is open, and the call was not made.
    #[error("the circuit breaker is open")]
    Open {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// Too many calls are under way, and this one was not made.
    #[error("too many calls are under way")]
    Full,
    /// Time ran out.
    #[error("no answer within {limit:?}")]
    TimedOut {
        /// The time that there was, for one attempt or in all.
        limit: Duration,
        /// How often the call was begun.
        attempts: u32,
    },
    /// The call failed, in the last attempt if there were several.
    #[error("the call failed ({attempts} attempts)")]
    Failed {
        /// What it failed with.
        #[source]
        error: E,
        /// How often it was made.
        attempts: u32,
    },
}

/// There was no slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many calls are under way")]
pub struct Full;

impl<E> Error<E> {
    /// How often the call was begun.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        match self {
            Self::Open { .. } | Self::Full => 0,
            Self::TimedOut { attempts, .. } | Self::Failed { attempts, .. } => *attempts,
        }
    }

    /// What the call itself failed with.
    #[must_use]
    pub fn failure(self) -> Option<E> {
        match self {
            Self::Failed { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The same after so many attempts.
    pub(crate) fn after(self, made: u32) -> Self {
        match self {
            Self::TimedOut { limit, .. } => Self::TimedOut { limit, attempts: made },
            Self::Failed { error, .. } => Self::Failed { error, attempts: made },
            other => other,
        }
    }
}

impl<E> From<Open> for Error<E> {
    fn from(open: Open) -> Self {
        Self::Open { retry_after: open.retry_after }
    }
}

impl<E> From<Full> for Error<E> {
    fn from(Full: Full) -> Self {
        Self::Full
    }
}

impl<E> From<TimedOut> for Error<E> {
    fn from(timed_out: TimedOut) -> Self {
        Self::TimedOut { limit: timed_out.limit, attempts: 1 }
    }
}

/// The reasons of this crate that a client may meet.
pub const REASONS: &[Reason] = &[
    Reason::new(
        "resilience.open",
        ErrorKind::CircuitOpen,
        "A service behind this one has failed so often that it is left alone for a while; try again after \
         `Retry-After`.",
    ),
    Reason::new(
        "resilience.full",
        ErrorKind::ServiceUnavailable,
        "Too many calls to a service behind this one are under way; try again after `Retry-After`.",
    ),
    Reason::new(
        "resilience.timed_out",
        ErrorKind::ServiceUnavailable,
        "A service behind this one has not answered in time; try again after `Retry-After`.",
    ),
];

const MESSAGE: &str = "The service is busy; try again shortly";

/// When a client may try again who met a full bulkhead or a slow callee.
const RETRY: Duration = Duration::from_secs(1);

impl<E: Into<Self>> From<Error<E>> for palisade_core::Error {
    fn from(error: Error<E>) -> Self {
        match error {
            Error::Failed { error, .. } => error.into(),
            Error::Open { retry_after } => Self::new(ErrorKind::CircuitOpen, MESSAGE)
                .with_retry_after(retry_after)
                .with_reason("resilience.open")
                .with_source(Open { retry_after }),
            Error::Full => Self::unavailable(MESSAGE, RETRY).with_reason("resilience.full").with_source(Full),
            Error::TimedOut { limit, .. } => Self::unavailable(MESSAGE, RETRY)
                .with_reason("resilience.timed_out")
                .with_source(TimedOut { limit }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type CoreError = palisade_core::Error;

    #[test]
    fn what_was_refused_is_a_503_that_says_when_to_come_back() {
        let errors = [
            (Error::Open { retry_after: Duration::from_millis(4_001) }, "5"),
            (Error::Full, "1"),
            (Error::TimedOut { limit: Duration::from_secs(3), attempts: 2 }, "1"),
        ];
        for ((error, wait), reason) in errors.into_iter().zip(REASONS) {
            let error = CoreError::from(error as Error<CoreError>);
            assert_eq!((error.status(), error.kind()), (503, reason.kind));
            assert_eq!(error.reason(), Some(reason.name));
            assert_eq!(error.headers().collect::<Vec<_>>(), [("retry-after", wait)]);
            assert_eq!(error.causes().count(), 1);
        }
    }

    #[test]
    fn what_failed_stays_what_it_is() {
        let failed = Error::Failed { error: CoreError::not_found("No such thing"), attempts: 3 };
        assert_eq!(failed.attempts(), 3);
        assert_eq!(CoreError::from(failed).status(), 404);
    }
}
