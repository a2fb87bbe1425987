//! From what the driver says to what it means.

use std::borrow::Cow;

use sqlx::{
    error::{DatabaseError, ErrorKind},
    mysql::MySqlDatabaseError,
    postgres::{PgDatabaseError, PgSeverity},
};

use super::{
    Error,
    codes::{Meaning, meaning},
    constraint, text,
};
use crate::Dialect;

/// How PgBouncer says that it, or the server behind it, has no connection to give.
const POOLER_SHORTAGE: [&str; 4] =
    ["no more connections allowed", "query_wait_timeout", "too many", "remaining connection slots"];

/// An error of the driver with what it means for the connection it came from.
pub(crate) struct Classified {
    pub(crate) error: Error,
    pub(crate) meaning: Meaning,
}

/// What an error during a statement means.
pub(crate) fn classify(dialect: Dialect, error: sqlx::Error) -> Classified {
    let unready =
        |reason: String| Classified { error: Error::unavailable(reason), meaning: Meaning::Unready };
    let refused = |error| Classified { error, meaning: Meaning::Statement };
    match error {
        sqlx::Error::Database(error) => server_said(dialect, error.as_ref()),
        sqlx::Error::Io(error) => unready(format!("connection lost: {}", error.kind())),
        sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
            unready("the connection does not speak the protocol".to_owned())
        }
        sqlx::Error::WorkerCrashed => unready("the connection's worker has ended".to_owned()),
        sqlx::Error::Configuration(_) => {
            refused(Error::Configuration("DATABASE_URL has a wrong option".to_owned()))
        }
        sqlx::Error::Encode(_) => refused(Error::statement("encode", "a bound value cannot be encoded")),
        _ => refused(Error::statement("driver", "the driver could not run the statement")),
    }
}

fn server_said(dialect: Dialect, error: &dyn DatabaseError) -> Classified {
    let meaning = meaning_of(dialect, error);
    let code = code(dialect, error);
    let error = match (error.kind(), meaning) {
        (ErrorKind::UniqueViolation, _) => {
            Error::UniqueViolation { constraint: constraint::unique(dialect, error) }
        }
        (ErrorKind::ForeignKeyViolation, _) => {
            Error::ForeignKeyViolation { constraint: constraint::foreign_key(dialect, error) }
        }
        (_, Meaning::Contention | Meaning::StalePlan) => Error::Contention { code },
        (_, Meaning::TimedOut) => Error::unavailable(format!("the database gave up ({code})")),
        (_, Meaning::Unready) => Error::unavailable(format!("the database cannot serve now ({code})")),
        (_, Meaning::ReadOnly) => Error::unavailable(format!("the database is read-only ({code})")),
        (_, Meaning::NoConnection) => {
            Error::unavailable(format!("the database gives no further connection ({code})"))
        }
        (_, Meaning::Statement) => {
            Error::Statement { message: text::without_values(error.message()) + hint(dialect, &code), code }
        }
    };
    Classified { error, meaning }
}

/// The meaning of the code, and of the words where the code alone does not tell.
pub(super) fn meaning_of(dialect: Dialect, error: &dyn DatabaseError) -> Meaning {
    let code = code(dialect, error);
    match (dialect, &*code) {
        (Dialect::Postgres, "0A000" | "08P01") | (Dialect::MySql, "1290") => ambiguous(&code, error),
        _ => match meaning(dialect, &code) {
            // The server has ended the session, whatever the code.
            Meaning::Statement if is_fatal(error) => Meaning::Unready,
            meaning => meaning,
        },
    }
}

/// Codes with several meanings.
fn ambiguous(code: &str, error: &dyn DatabaseError) -> Meaning {
    let message = error.message();
    match code {
        // "cached plan must not change result type", in the server's language, against a feature that is missing.
        "0A000" if routine(error) == Some("RevalidateCachedQuery") => Meaning::StalePlan,
        // What PgBouncer itself says has this code, and it passes on what its server said to it.
        "08P01" if POOLER_SHORTAGE.iter().any(|words| message.contains(words)) => Meaning::NoConnection,
        "08P01" => Meaning::Unready,
        // ER_OPTION_PREVENTS_STATEMENT names the option: --read-only, --super-read-only, --innodb-read-only.
        "1290" if message.contains("read-only") || message.contains("read_only") => Meaning::ReadOnly,
        _ => Meaning::Statement,
    }
}

/// SQLSTATE, MySQL's finer number, or SQLite's extended result code.
pub(super) fn code(dialect: Dialect, error: &dyn DatabaseError) -> String {
    if dialect == Dialect::MySql
        && let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>()
    {
        return error.number().to_string();
    }
    error.code().map_or_else(|| "unknown".to_owned(), Cow::into_owned)
}

fn routine(error: &dyn DatabaseError) -> Option<&str> {
    error.try_downcast_ref::<PgDatabaseError>()?.routine()
}

fn is_fatal(error: &dyn DatabaseError) -> bool {
    error
        .try_downcast_ref::<PgDatabaseError>()
        .is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

fn hint(dialect: Dialect, code: &str) -> &'static str {
    match (dialect, code) {
        (Dialect::Postgres, "42P05") => " (a pooler shares sessions: set DATABASE_STATEMENT_CACHE_SIZE=0)",
        _ => "",
    }
}
