//! What can go wrong in asking another service.

use std::{sync::Arc, time::Duration};

use palisade_core::ErrorKind;
use reqwest::StatusCode;

use super::{refusal::Refusal, resolver::refusal};

/// Why there is no answer. No text of it holds a path, a query, a header or a body: those carry secrets.
/// Cloning it is cheap: those who wait for one answer share its failure.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The address cannot be read.
    #[error("the address of the request cannot be read")]
    InvalidUrl {
        /// Why.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The request may not go there, or not on to where a redirect leads.
    #[error("the request is not sent there")]
    Refused(#[from] Refusal),
    /// The upstream failed repeatedly and is left alone.
    #[error("the upstream is left alone for {retry_after:?}")]
    Open {
        /// When it is tried again.
        retry_after: Duration,
    },
    /// As many calls as the upstream may have are under way.
    #[error("too many calls to the upstream are under way")]
    Full,
    /// Time ran out: for a connection, for one attempt, or for the call as a whole.
    #[error("the upstream did not answer in time")]
    TimedOut,
    /// The answer's body is over the limit.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// No connection, or it broke before the answer was whole.
    #[error("the upstream cannot be reached")]
    Unreachable {
        /// Why.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// An answer that the caller takes for a failure: see [`Response::success`](super::Response::success).
    #[error("the upstream answered {0}")]
    Status(StatusCode),
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        if let Some(refusal) = refusal(&error) {
            Self::Refused(refusal)
        } else if error.is_timeout() {
            Self::TimedOut
        } else if error.is_builder() {
            Self::InvalidUrl { source: Arc::new(error.without_url()) }
        } else {
            Self::Unreachable { source: Arc::new(error.without_url()) }
        }
    }
}

/// A call that was refused for lack of room may be tried again about then.
const ROOM: Duration = Duration::from_secs(1);

/// The client learns that a service behind this one is to blame, and nothing of where it is. Where the client chose the
/// address, the domain says so itself: it looks for [`Error::Refused`] and [`Error::InvalidUrl`] first.
impl From<Error> for palisade_core::Error {
    fn from(error: Error) -> Self {
        let wait = match &error {
            Error::Open { retry_after } => Some(*retry_after),
            Error::Full => Some(ROOM),
            _ => None,
        };
        let kind = match &error {
            Error::InvalidUrl { .. } => ErrorKind::Internal,
            Error::Refused(_) | Error::TooLarge { .. } | Error::Unreachable { .. } | Error::Status(_) => {
                ErrorKind::Upstream
            }
            Error::Open { .. } => ErrorKind::CircuitOpen,
            Error::Full => ErrorKind::ServiceUnavailable,
            Error::TimedOut => ErrorKind::Timeout,
        };
        let told = Self::from(kind).with_source(error);
        match (wait, kind) {
            (Some(wait), ErrorKind::CircuitOpen) => {
                told.with_retry_after(wait).with_reason("resilience.open")
            }
            (Some(wait), _) => told.with_retry_after(wait).with_reason("resilience.full"),
            (None, _) => told,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_status_and_hides_its_cause() {
        let unreachable = Error::Unreachable { source: Arc::new(std::io::Error::other("10.0.0.7 refused")) };
        let open = Error::Open { retry_after: Duration::from_secs(9) };
        for (error, status) in [
            (Error::InvalidUrl { source: Arc::new(std::io::Error::other("x")) }, 500),
            (Error::Refused(Refusal::Scheme), 502),
            (open, 503),
            (Error::Full, 503),
            (Error::TimedOut, 504),
            (Error::TooLarge { limit: 1 }, 502),
            (unreachable, 502),
            (Error::Status(StatusCode::NOT_FOUND), 502),
        ] {
            let text = error.to_string();
            let told = palisade_core::Error::from(error);
            assert_eq!(told.status(), status, "{text}");
            assert!(!told.message().contains("10.0.0.7"));
            assert_eq!(told.causes().next(), Some(text));
        }
    }
}
