//! Why a database gives no connection.

use std::io;

use sqlx::error::DatabaseError;

use super::{
    Error,
    classify::{classify, code, meaning_of},
    codes::Meaning,
    text,
};
use crate::Dialect;

/// Why a connection could not be opened.
pub(crate) struct Refused {
    /// [`Error::Configuration`] for settings that can never work, [`Error::Unavailable`] for what may pass.
    pub(crate) error: Error,
    /// The server is there and has no connection to give, or this process has no socket left.
    pub(crate) is_shortage: bool,
}

/// What an error while connecting means; `place` is the address without its password.
pub(crate) fn refused(dialect: Dialect, place: &str, error: sqlx::Error) -> Refused {
    let passing = |reason: String| Refused { error: Error::unavailable(reason), is_shortage: false };
    match error {
        sqlx::Error::Database(error) => server_refused(dialect, place, error.as_ref()),
        sqlx::Error::Io(error) => {
            Refused { is_shortage: is_local_shortage(&error), ..unreachable(place, &error) }
        }
        sqlx::Error::Tls(error) => match error.downcast_ref::<io::Error>() {
            // rustls reports what it does not accept as InvalidData; anything else is the network.
            Some(cut) if cut.kind() != io::ErrorKind::InvalidData => unreachable(place, cut),
            _ => wrong(format!("{place} and this program do not agree on TLS")),
        },
        sqlx::Error::Configuration(_) => wrong("DATABASE_URL has a wrong option".to_owned()),
        other => passing(classify(dialect, other).error.to_string()),
    }
}

fn server_refused(dialect: Dialect, place: &str, error: &dyn DatabaseError) -> Refused {
    let code = code(dialect, error);
    if let Some(problem) = permanent(dialect, &code, error.message()) {
        return wrong(format!("{place} {problem}"));
    }
    let is_shortage = meaning_of(dialect, error) == Meaning::NoConnection;
    let words = text::without_values(error.message());
    Refused {
        error: Error::unavailable(format!("{place} refuses a connection ({code}): {words}")),
        is_shortage,
    }
}

/// What only a person can put right, as the end of a sentence.
fn permanent(dialect: Dialect, code: &str, message: &str) -> Option<String> {
    const LOGIN: &str = "refused the login: check user and password";
    const NO_DATABASE: &str = "has no such database";
    const NOT_ALLOWED: &str = "does not let this user use the database";
    let problem = match (dialect, code) {
        // invalid_password, invalid_authorization_specification; invalid_catalog_name; insufficient_privilege.
        (Dialect::Postgres, "28P01" | "28000") => LOGIN.to_owned(),
        (Dialect::Postgres, "3D000") => NO_DATABASE.to_owned(),
        (Dialect::Postgres, "42501") => NOT_ALLOWED.to_owned(),
        // A wrong value or name in `options`: invalid_parameter_value, undefined_object.
        (Dialect::Postgres, "22023" | "42704") => format!("refused a setting of the session ({code})"),
        // PgBouncer, which has this code for all that it says itself.
        (Dialect::Postgres, "08P01") => return pooler_refused(message),
        // ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR; the account is locked, its password expired.
        (Dialect::MySql, "1045" | "1698" | "3118" | "4151" | "1820" | "1862") => LOGIN.to_owned(),
        // ER_HOST_NOT_PRIVILEGED, ER_DBACCESS_DENIED_ERROR.
        (Dialect::MySql, "1130" | "1044") => NOT_ALLOWED.to_owned(),
        (Dialect::MySql, "1049") => NO_DATABASE.to_owned(),
        // ER_NOT_SUPPORTED_AUTH_MODE, ER_PLUGIN_IS_NOT_LOADED, ER_SECURE_TRANSPORT_REQUIRED.
        (Dialect::MySql, "1251" | "1524") => "asks for a login that this program does not know".to_owned(),
        (Dialect::MySql, "3159") => "accepts encrypted connections only: add ssl-mode=REQUIRED".to_owned(),
        // SQLITE_PERM, SQLITE_READONLY, SQLITE_CORRUPT, SQLITE_CANTOPEN, SQLITE_NOTADB, by their low byte.
        (Dialect::Sqlite, code)
            if matches!(code.parse().map(|code: i32| code & 0xff), Ok(3 | 8 | 11 | 14 | 26)) =>
        {
            format!("cannot be used: {message}")
        }
        _ => return None,
    };
    Some(problem)
}

/// What PgBouncer says of itself (its source: `disconnect_client` in `client.c`).
fn pooler_refused(message: &str) -> Option<String> {
    let message = message.to_ascii_lowercase();
    if let Some((_, parameter)) = message.split_once("unsupported startup parameter") {
        let name = parameter.trim_start_matches(" in options").trim_start_matches([':', ' ', '=']);
        let name: String =
            name.chars().take_while(|char| char.is_alphanumeric() || "_.-".contains(*char)).collect();
        return Some(format!(
            "refuses the startup parameter `{name}`: it is a pooler, add `{name}` to ignore_startup_parameters in \
             its configuration, or leave it out of DATABASE_URL"
        ));
    }
    let login =
        ["no such user", "password authentication failed", "sasl authentication failed", "auth failed"];
    if login.iter().any(|words| message.contains(words)) {
        return Some("refused the login: check user and password".to_owned());
    }
    message.contains("no such database").then(|| "has no such database".to_owned())
}

fn unreachable(place: &str, error: &io::Error) -> Refused {
    Refused {
        error: Error::unavailable(format!("cannot reach {place}: {}", error.kind())),
        is_shortage: false,
    }
}

fn wrong(text: String) -> Refused {
    Refused { error: Error::Configuration(text), is_shortage: false }
}

/// EMFILE and ENFILE: no further file descriptor for this process, or for the machine. EADDRNOTAVAIL: no further port.
fn is_local_shortage(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrNotAvailable || matches!(error.raw_os_error(), Some(23 | 24))
}
