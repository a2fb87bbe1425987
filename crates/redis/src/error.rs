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
    /// Redis answers and cannot serve: it is loading, its master is gone, it has become a replica, it cannot
    /// save its data, it wants a login.
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

/// Codes of a state of the server that keeps requests from being served, beside those that the driver knows: a script
/// runs for ever, the login is wrong, data cannot be saved, too few replicas are connected. A server that is full (OOM)
/// is not among them: it answers reads and deletions, and makes room by itself as keys expire.
const NOT_SERVING: [&str; 5] = ["BUSY", "NOAUTH", "WRONGPASS", "MISCONF", "NOREPLICAS"];

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Self {
        use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly};
        match error.kind() {
            ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | ReadOnly)
            | ErrorKind::AuthenticationFailed => Self::NotServing(told(&error)),
            _ if error.code().is_some_and(|code| NOT_SERVING.contains(&code)) => {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_the_server_is_a_loss_and_a_refusal_of_one_command_is_not() {
        let error = |answer: &str| {
            let answer = redis::parse_redis_value(format!("-{answer} and why\r\n").as_bytes()).unwrap();
            Error::from(answer.extract_error().unwrap_err())
        };
        for code in [
            "READONLY",
            "MASTERDOWN",
            "CLUSTERDOWN",
            "LOADING",
            "BUSY",
            "MISCONF",
            "NOREPLICAS",
            "NOAUTH",
            "WRONGPASS",
        ] {
            assert_eq!(error(code), Error::NotServing(code.to_owned()));
            assert!(error(code).is_loss());
        }
        for code in [
            "ERR",
            "WRONGTYPE",
            "NOSCRIPT",
            "NOPERM",
            "OOM",
            "EXECABORT",
            "CROSSSLOT",
            "MOVED 1 host:1",
            "TRYAGAIN",
        ] {
            let code_alone = code.split(' ').next().unwrap_or_default();
            assert_eq!(error(code), Error::Refused(code_alone.to_owned()));
        }
    }
}
