//! What can go wrong in counting.

use std::time::Duration;

use palisade_core::{ErrorKind, error::Reason};

/// A failure to count, which is neither consent nor refusal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What keeps the counters cannot be asked.
    #[error("the rate limiter cannot be asked")]
    Unavailable {
        /// Why, for the log.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// What keeps the counters cannot be asked because of `source`.
    #[must_use]
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable { source: source.into() }
    }
}

/// The reasons of this crate that a client may meet.
pub const REASONS: &[Reason] = &[Reason::new(
    "ratelimit.unavailable",
    ErrorKind::ServiceUnavailable,
    "The limit of this route cannot be checked at the moment, and the route is closed without it; try again after \
     `Retry-After`.",
)];

/// A lost store is tried again about this often.
const RETRY: Duration = Duration::from_secs(2);

impl From<Error> for palisade_core::Error {
    fn from(error: Error) -> Self {
        let Error::Unavailable { source } = error;
        Self::unavailable("The service is busy; try again shortly", RETRY)
            .with_reason("ratelimit.unavailable")
            .with_source(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_to_count_is_a_503_under_a_listed_reason() {
        let error = palisade_core::Error::from(Error::unavailable("refused"));
        assert_eq!((error.status(), error.reason()), (503, Some(REASONS[0].name)));
        assert_eq!(error.causes().collect::<Vec<_>>(), ["refused"]);
    }
}
