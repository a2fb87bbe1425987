//! What can go wrong between a caller and Redis.

use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Why a call gave no answer. The text is for the log: it names no key, no value and no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Redis is known to be lost; nothing was sent.
    #[error("Redis is lost and is being tried again")]
    Lost,
    /// No answer came in time. The command may have been carried out or not.
    #[error("Redis did not answer within {0:?}")]
    TimedOut(Duration),
    /// The connection could not be made, or broke under the command, which may have been carried out or not.
    #[error("the connection to Redis failed: {0}")]
    Broken(String),
    /// Redis answers and cannot serve: it is loading, its master is gone, it has become a replica, it wants a login.
    #[error("Redis does not serve: {0}")]
    NotServing(String),
    /// Redis refused this command.
    #[error("Redis refused the command: {0}")]
    Refused(String),
    /// The answer is of another type than the caller expects.
    #[error("Redis gave an unexpected answer: {0}")]
    UnexpectedAnswer(String),
}

impl Error {
    /// Whether the server, not this one command, is at fault.
    #[must_use]
    pub const fn is_loss(&self) -> bool {
        matches!(self, Self::Lost | Self::TimedOut(_) | Self::Broken(_) | Self::NotServing(_))
    }
}

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Self {
        use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly};
        match error.kind() {
            ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | ReadOnly)
            | ErrorKind::AuthenticationFailed => Self::NotServing(told(&error)),
            // A script that runs for ever answers all others with BUSY; a wrong login is no fault of a command.
            _ if matches!(error.code(), Some("BUSY" | "NOAUTH" | "WRONGPASS")) => {
                Self::NotServing(told(&error))
            }
            ErrorKind::Server(_) | ErrorKind::Extension => Self::Refused(told(&error)),
            ErrorKind::Io => Self::Broken(error.to_string()),
            // What cannot be read as the protocol may be followed by anything: the connection is of no use.
            ErrorKind::Parse => Self::Broken(error.category().to_owned()),
            _ => Self::UnexpectedAnswer(error.category().to_owned()),
        }
    }
}

/// The server's error by its code. Its text can repeat arguments of the command, so it is not kept.
fn told(error: &RedisError) -> String {
    error.code().map_or_else(|| error.category().to_owned(), str::to_owned)
}
