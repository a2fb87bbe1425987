//! What can go wrong with a database, in words that are the same on all three.

mod classify;
mod codes;
mod constraint;
mod migration;
mod refused;
mod text;

use std::time::Duration;

use palisade_core::ErrorKind;

pub(crate) use classify::{Classified, classify};
pub(crate) use codes::Meaning;
pub use migration::MigrationError;
pub(crate) use refused::{Refused, refused};

use crate::UrlError;

/// What the databases say of a text that their encoding has no place for. PostgreSQL: character_not_in_repertoire,
/// untranslatable_character. MySQL and MariaDB: ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ER_CANNOT_CONVERT_STRING,
/// ER_CANNOT_CONVERT_CHARACTER. It happens where the operator chose another encoding than UTF-8 or utf8mb4.
const UNSTORABLE: &[&str] = &["22021", "22P05", "1366", "3854", "1977"];

/// When a client should try again after [`Error::Unavailable`] or [`Error::Contention`].
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A failure of the database. No text of it holds a stored or bound value, or a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database cannot serve now: it is lost, frozen, overloaded, read-only, damaged, starting or stopping. Whether
    /// a statement that was already sent took effect is not known.
    #[error("the database is not available: {reason}")]
    Unavailable {
        /// What was noticed.
        reason: String,
    },
    /// A row with this value exists already.
    #[error("unique constraint {constraint} is violated")]
    UniqueViolation {
        /// The index. On SQLite, which does not tell it, the name that PostgreSQL would give:
        /// `{table}_{column}_key`.
        constraint: String,
    },
    /// The row that is pointed to does not exist, or the row is still pointed to.
    #[error("foreign key {} is violated", constraint.as_deref().unwrap_or("(not named by the database)"))]
    ForeignKeyViolation {
        /// The constraint; SQLite does not tell it.
        constraint: Option<String>,
    },
    /// Another transaction held a lock too long, or the database chose this one to end a deadlock. Running the
    /// whole transaction again is right.
    #[error("the transaction lost a race for a lock ({code})")]
    Contention {
        /// The database's own code: SQLSTATE, or SQLite's result code.
        code: String,
    },
    /// A row does not hold what was asked of it.
    #[error("column `{column}` {problem}")]
    Decode {
        /// The column.
        column: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Migrations are not as they should be.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// Something that a person must put right: the address, the login, the file's permissions.
    #[error("{0}")]
    Configuration(String),
    /// The database refused the statement.
    #[error("the database refused the statement ({code}): {message}")]
    Statement {
        /// The database's own code: SQLSTATE, or SQLite's result code.
        code: String,
        /// The database's words, with quoted values left out.
        message: String,
    },
}

impl Error {
    /// Whether this is a violation of the constraint `name`. Unique indexes are named `{table}_{column}_key`
    /// (several columns joined by `_`), so that one name serves all three databases.
    #[must_use]
    pub fn violates(&self, name: &str) -> bool {
        match self {
            Self::UniqueViolation { constraint } => constraint == name,
            Self::ForeignKeyViolation { constraint } => constraint.as_deref() == Some(name),
            _ => false,
        }
    }

    pub(crate) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into() }
    }

    pub(crate) fn statement(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Statement { code: code.into(), message: message.into() }
    }
}

impl From<UrlError> for Error {
    fn from(error: UrlError) -> Self {
        Self::Configuration(format!("DATABASE_URL {error}"))
    }
}

/// A violated constraint is the client's 409, a text that the database cannot store a 422; a lost database is 503 with
/// `Retry-After`; anything else is a fault of ours.
impl From<Error> for palisade_core::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::UniqueViolation { .. } | Error::ForeignKeyViolation { .. } => {
                Self::from(ErrorKind::Conflict)
            }
            Error::Unavailable { .. } | Error::Contention { .. } | Error::Configuration(_) => {
                Self::from(ErrorKind::ServiceUnavailable).with_retry_after(RETRY_AFTER)
            }
            Error::Statement { ref code, .. } if UNSTORABLE.contains(&code.as_str()) => {
                Self::new(ErrorKind::Validation, "A text holds a character that the database cannot store")
            }
            Error::Decode { .. } | Error::Migration(_) | Error::Statement { .. } => {
                Self::from(ErrorKind::Internal)
            }
        }
        .with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn becomes_the_catalogues_answer() {
        let status = |error: Error| palisade_core::Error::from(error).status();
        assert_eq!(status(Error::UniqueViolation { constraint: "users_email_key".into() }), 409);
        assert_eq!(status(Error::ForeignKeyViolation { constraint: None }), 409);
        assert_eq!(status(Error::unavailable("lost")), 503);
        assert_eq!(status(Error::statement("42P01", "no such table")), 500);
        assert_eq!(status(Error::statement("22P05", "untranslatable character")), 422);
    }

    #[test]
    fn a_lost_database_says_when_to_come_back_and_keeps_its_cause() {
        let error = palisade_core::Error::from(Error::unavailable("lost"));
        assert_eq!(error.headers().collect::<Vec<_>>(), [("retry-after", "1")]);
        assert!(!error.message().contains("lost"));
        assert_eq!(error.causes().collect::<Vec<_>>(), ["the database is not available: lost"]);
    }
}
