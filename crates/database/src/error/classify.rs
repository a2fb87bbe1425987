//! From what the driver says to what it means.

use sqlx::error::{DatabaseError, ErrorKind};

use super::{Error, constraint, text};
use crate::Dialect;

/// What an error during a statement means.
pub(crate) fn classify(dialect: Dialect, error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(error) => server_said(dialect, error.as_ref()),
        sqlx::Error::Io(error) => Error::unavailable(format!("connection lost: {}", error.kind())),
        sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
            Error::unavailable("the connection does not speak the protocol")
        }
        sqlx::Error::PoolTimedOut => Error::unavailable("no connection within the acquire timeout"),
        sqlx::Error::PoolClosed => Error::unavailable("the pool is closed"),
        sqlx::Error::WorkerCrashed => Error::unavailable("the connection's worker has ended"),
        sqlx::Error::Configuration(_) => Error::Configuration("DATABASE_URL has a wrong option".to_owned()),
        sqlx::Error::Encode(_) => Error::statement("encode", "a bound value cannot be encoded"),
        _ => Error::statement("driver", "the driver could not run the statement"),
    }
}

/// What an error during the first connection means; `place` is the address without its password.
pub(crate) fn classify_connect(dialect: Dialect, place: &str, error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(error) => {
            let code = code(dialect, error.as_ref());
            match code.as_str() {
                // PostgreSQL Appendix A class 28; MySQL 1045, 1698, 1044.
                "28P01" | "28000" | "1045" | "1698" => {
                    Error::Configuration(format!("{place} refused the login: check user and password"))
                }
                "1044" => Error::Configuration(format!("{place} does not let this user use the database")),
                "3D000" | "1049" => Error::Configuration(format!("{place}: there is no such database")),
                _ => server_said(dialect, error.as_ref()),
            }
        }
        sqlx::Error::Io(error) => Error::unavailable(format!("cannot reach {place}: {}", error.kind())),
        sqlx::Error::Tls(_) => Error::Configuration(format!("{place} and this program do not agree on TLS")),
        sqlx::Error::Configuration(_) => Error::Configuration("DATABASE_URL has a wrong option".to_owned()),
        other => classify(dialect, other),
    }
}

fn server_said(dialect: Dialect, error: &dyn DatabaseError) -> Error {
    let code = code(dialect, error);
    match error.kind() {
        ErrorKind::UniqueViolation => {
            Error::UniqueViolation { constraint: constraint::unique(dialect, error) }
        }
        ErrorKind::ForeignKeyViolation => {
            Error::ForeignKeyViolation { constraint: constraint::foreign_key(dialect, error) }
        }
        _ if is_contention(dialect, &code) => Error::Contention { code },
        _ if is_loss(dialect, &code) => Error::unavailable(format!("the database gave up ({code})")),
        _ => Error::Statement { message: text::without_values(error.message()), code },
    }
}

/// SQLSTATE, MySQL's finer number, or SQLite's extended result code.
fn code(dialect: Dialect, error: &dyn DatabaseError) -> String {
    if dialect == Dialect::MySql
        && let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
    {
        return error.number().to_string();
    }
    error.code().map_or_else(|| "unknown".to_owned(), std::borrow::Cow::into_owned)
}

fn is_contention(dialect: Dialect, code: &str) -> bool {
    match dialect {
        // SQLITE_BUSY and SQLITE_LOCKED, the low byte of the extended code (sqlite.org/rescode.html).
        Dialect::Sqlite => matches!(sqlite_primary(code), 5 | 6),
        // serialization_failure, deadlock_detected, lock_not_available.
        Dialect::Postgres => matches!(code, "40001" | "40P01" | "55P03"),
        // ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_LOCK_NOWAIT, MariaDB's ER_CHECKREAD.
        Dialect::MySql => matches!(code, "1205" | "1213" | "3572" | "1020"),
    }
}

fn is_loss(dialect: Dialect, code: &str) -> bool {
    match dialect {
        // SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_NOTADB.
        Dialect::Sqlite => matches!(sqlite_primary(code), 10 | 11 | 13 | 14 | 26),
        // Connection exceptions, insufficient resources, operator intervention (which holds the statement
        // timeout, 57014).
        Dialect::Postgres => ["08", "53", "57"].iter().any(|class| code.starts_with(class)),
        // Too many connections, shutdown, killed, out of memory or disk; statement timeouts of MariaDB and MySQL.
        Dialect::MySql => matches!(
            code,
            "1021"
                | "1037"
                | "1040"
                | "1041"
                | "1053"
                | "1077"
                | "1079"
                | "1203"
                | "1317"
                | "1927"
                | "1969"
                | "3024"
        ),
    }
}

fn sqlite_primary(code: &str) -> i32 {
    code.parse::<i32>().map_or(-1, |code| code & 0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_sqlite_codes_count_as_their_primary() {
        assert!(is_contention(Dialect::Sqlite, "517"), "SQLITE_BUSY_SNAPSHOT");
        assert!(is_loss(Dialect::Sqlite, "778"), "SQLITE_IOERR_WRITE");
        assert!(!is_loss(Dialect::Sqlite, "unknown"));
    }

    #[test]
    fn a_servers_shutdown_is_a_loss_and_a_syntax_error_is_not() {
        assert!(is_loss(Dialect::Postgres, "57P01"));
        assert!(!is_loss(Dialect::Postgres, "42601"));
        assert!(is_loss(Dialect::MySql, "1053"));
        assert!(!is_loss(Dialect::MySql, "1064"));
    }
}
