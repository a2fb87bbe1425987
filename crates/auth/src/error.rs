//! What can go wrong in signing in, in this crate's words.

use std::time::Duration;

use palisade_core::{ErrorKind, FieldError, error::Reason};

/// A failure of this crate. Failures of the stores pass through as they are.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown account, wrong password or disabled account: the client never learns which.
    #[error("the login or the password is wrong")]
    InvalidCredentials,
    /// The access token is missing a property, forged, expired, or its session has ended.
    #[error("the access token is not valid")]
    InvalidToken,
    /// The refresh token is unknown, expired, used before, or its session has ended.
    #[error("the refresh token is not valid")]
    InvalidRefreshToken,
    /// The caller has no session of that id.
    #[error("there is no such session")]
    SessionNotFound,
    /// The current password, given to change it, is wrong.
    #[error("the current password is wrong")]
    WrongCurrentPassword,
    /// More passwords wait to be hashed than the queue takes.
    #[error("too many sign-ins at once")]
    Busy,
    /// A fault of ours.
    #[error("internal failure")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The reasons of this crate that a client may meet.
pub const REASONS: &[Reason] = &[
    Reason::new(
        "auth.invalid_credentials",
        ErrorKind::Unauthorized,
        "The login or the password is wrong, or the account is disabled.",
    ),
    Reason::new(
        "auth.missing_token",
        ErrorKind::Unauthorized,
        "The request carries no `Authorization: Bearer …` header.",
    ),
    Reason::new(
        "auth.invalid_token",
        ErrorKind::Unauthorized,
        "The access token is malformed, forged or expired, or its session has ended.",
    ),
    Reason::new(
        "auth.invalid_refresh_token",
        ErrorKind::Unauthorized,
        "The refresh token is unknown, expired or used before, or its session has ended. Log in again.",
    ),
    Reason::new("auth.missing_permission", ErrorKind::Forbidden, "The caller's roles do not permit this."),
    Reason::new("auth.session_not_found", ErrorKind::NotFound, "The caller has no session of that id."),
    Reason::new(
        "auth.busy",
        ErrorKind::ServiceUnavailable,
        "More people sign in at once than the server can check; try again after `Retry-After`.",
    ),
];

/// RFC 6750 §3.1: the challenge when a token was sent and is not good.
const INVALID_TOKEN: &str =
    r#"Bearer error="invalid_token", error_description="The access token is not valid""#;

/// A full queue is worked off within about this time.
const BUSY_RETRY: Duration = Duration::from_secs(2);

impl From<Error> for palisade_core::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidCredentials => Self::unauthorized("The login or the password is wrong")
                .with_reason("auth.invalid_credentials"),
            Error::InvalidToken => Self::unauthorized("The access token is not valid")
                .with_reason("auth.invalid_token")
                .with_header("www-authenticate", INVALID_TOKEN),
            Error::InvalidRefreshToken => {
                Self::unauthorized("The refresh token is not valid").with_reason("auth.invalid_refresh_token")
            }
            Error::SessionNotFound => {
                Self::not_found("There is no such session").with_reason("auth.session_not_found")
            }
            Error::WrongCurrentPassword => {
                FieldError::new("current_password", "incorrect", "is not the current password").into()
            }
            Error::Busy => Self::unavailable(
                "Too many passwords are being checked at once; try again shortly",
                BUSY_RETRY,
            )
            .with_reason("auth.busy"),
            Error::Internal(source) => Self::internal(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_that_is_raised_is_listed_with_its_kind() {
        let raised = [
            Error::InvalidCredentials,
            Error::InvalidToken,
            Error::InvalidRefreshToken,
            Error::SessionNotFound,
            Error::Busy,
        ];
        for error in raised {
            let error = palisade_core::Error::from(error);
            let listed = REASONS.iter().find(|reason| Some(reason.name) == error.reason());
            assert_eq!(listed.map(|reason| reason.kind), Some(error.kind()), "{error}");
        }
    }

    #[test]
    fn a_full_queue_says_when_to_come_back() {
        let error = palisade_core::Error::from(Error::Busy);
        assert!(error.headers().any(|(name, value)| name == "retry-after" && value == "2"));
    }
}
