//! What can go wrong with a key, in this crate's words.

use std::time::Duration;

use palisade_core::{ErrorKind, error::Reason};

/// When a client should ask again for an answer that is being made.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A failure of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key is none.
    #[error("the idempotency key is malformed")]
    InvalidKey,
    /// The request that came first with this key is not answered yet.
    #[error("the first request with this idempotency key is still in progress")]
    InProgress,
    /// The key came first with another request.
    #[error("the idempotency key was used with another request")]
    KeyReused,
    /// Whoever got the answer could do something that the caller cannot do any more.
    #[error("the answer was given to rights that the caller has lost")]
    RightsLost,
    /// The store failed.
    #[error(transparent)]
    Other(#[from] palisade_core::Error),
}

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reasons of this crate that a client may meet.
pub const REASONS: &[Reason] = &[
    Reason::new(
        "idempotency.key_invalid",
        ErrorKind::BadRequest,
        "`Idempotency-Key` must come once and be 1 to 255 visible ASCII characters, bare or in double quotes.",
    ),
    Reason::new(
        "idempotency.in_progress",
        ErrorKind::Conflict,
        "The first request with this `Idempotency-Key` is not answered yet; ask again after `Retry-After`.",
    ),
    Reason::new(
        "idempotency.key_reused",
        ErrorKind::Validation,
        "The `Idempotency-Key` came first with another body, query, media type or `If-Match`: take a new key.",
    ),
    Reason::new(
        "idempotency.rights_lost",
        ErrorKind::Forbidden,
        "The request was carried out when you had more rights than today, so its answer is not given again.",
    ),
];

impl From<Error> for palisade_core::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidKey => {
                Self::bad_request("Idempotency-Key must be 1 to 255 visible ASCII characters, given once")
                    .with_reason("idempotency.key_invalid")
            }
            Error::InProgress => Self::conflict("The first request with this key is still in progress")
                .with_reason("idempotency.in_progress")
                .with_retry_after(RETRY_AFTER),
            Error::KeyReused => {
                Self::new(ErrorKind::Validation, "The Idempotency-Key was used with another request")
                    .with_reason("idempotency.key_reused")
            }
            Error::RightsLost => {
                Self::forbidden("The request was carried out, with rights that you no longer have")
                    .with_reason("idempotency.rights_lost")
            }
            Error::Other(error) => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_that_is_raised_is_listed_with_its_kind() {
        for error in [Error::InvalidKey, Error::InProgress, Error::KeyReused, Error::RightsLost] {
            let error = palisade_core::Error::from(error);
            let listed = REASONS.iter().find(|reason| Some(reason.name) == error.reason());
            assert_eq!(listed.map(|reason| reason.kind), Some(error.kind()), "{error}");
        }
    }
}
