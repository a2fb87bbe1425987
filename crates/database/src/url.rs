//! `DATABASE_URL`, read before anything connects.

mod options;
mod server;
mod sqlite;

use std::{fmt, path::Path};

use url::Url;

use crate::Dialect;

/// A database address that is known to be well formed. It never shows its password.
#[derive(Clone)]
pub struct DatabaseUrl {
    pub(crate) target: Target,
    notes: Vec<String>,
}

#[derive(Clone)]
pub(crate) enum Target {
    SqliteMemory,
    SqliteFile { path: Box<Path>, create: bool },
    Postgres(Url),
    MySql(Url),
}

/// What is wrong with a `DATABASE_URL`. The URL itself is never part of the text: it holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// There is no text.
    #[error("is empty")]
    Empty,
    /// There is no scheme that names a database.
    #[error("must start with sqlite://, postgres:// or mysql://")]
    Scheme,
    /// It is not a URL (RFC 3986).
    #[error("is malformed ({0}); special characters in user and password must be percent-encoded, @ as %40")]
    Malformed(&'static str),
    /// No server is named.
    #[error("names no host")]
    NoHost,
    /// No database on the server is named.
    #[error("names no database: write it after the host, as in postgres://host/name")]
    NoDatabase,
    /// No file is named.
    #[error("names no file: write sqlite://path/to/file.db or sqlite::memory:")]
    NoFile,
    /// An option after `?` is not known.
    #[error("has an unknown option `{0}`")]
    UnknownOption(String),
    /// An option after `?` has a value that is not allowed.
    #[error("has a wrong value for the option `{0}`")]
    WrongOption(String),
}

impl DatabaseUrl {
    /// Reads `sqlite://path`, `sqlite::memory:`, `postgres://`, `postgresql://`, `mysql://` and `mariadb://`;
    /// a driver's name as other ecosystems write it (`postgresql+asyncpg://`) is ignored.
    ///
    /// Paths: `sqlite://data/a.db` is relative and `sqlite:///data/a.db` absolute. With a driver's name the rule
    /// is SQLAlchemy's: `sqlite+aiosqlite:///data/a.db` is relative, four slashes are absolute.
    ///
    /// Options after `?` that other drivers know are translated where they mean something here, and otherwise listed in
    /// [`Self::notes`].
    ///
    /// # Errors
    /// Which part is wrong.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UrlError::Empty);
        }
        let (scheme, rest) = text.split_once(':').ok_or(UrlError::Scheme)?;
        let scheme = scheme.to_ascii_lowercase();
        let (family, driver) = match scheme.split_once('+') {
            Some((family, driver)) => (family, Some(driver)),
            None => (scheme.as_str(), None),
        };
        let (target, notes) = match family {
            "sqlite" => sqlite::parse(rest, driver.is_some())?,
            "postgres" | "postgresql" => {
                let (url, notes) = server::parse("postgres", rest)?;
                (Target::Postgres(url), notes)
            }
            "mysql" | "mariadb" => {
                let (url, notes) = server::parse("mysql", rest)?;
                (Target::MySql(url), notes)
            }
            _ => return Err(UrlError::Scheme),
        };
        Ok(Self { target, notes })
    }

    /// A line for each option of the URL that has no effect, with what to set instead; never with a value.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Which SQL is spoken there.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.target {
            Target::SqliteMemory | Target::SqliteFile { .. } => Dialect::Sqlite,
            Target::Postgres(_) => Dialect::Postgres,
            Target::MySql(_) => Dialect::MySql,
        }
    }

    /// Whether everything is lost when the process ends.
    #[must_use]
    pub const fn is_in_memory(&self) -> bool {
        matches!(self.target, Target::SqliteMemory)
    }

    /// The SQLite file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.target {
            Target::SqliteFile { path, .. } => Some(path),
            _ => None,
        }
    }

    /// The address without password and options, for logs.
    #[must_use]
    pub fn redacted(&self) -> String {
        match &self.target {
            Target::SqliteMemory => "sqlite::memory:".to_owned(),
            Target::SqliteFile { path, .. } => format!("sqlite://{}", path.display()),
            Target::Postgres(url) | Target::MySql(url) => server::redacted(url),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({})", self.redacted())
    }
}

#[cfg(test)]
mod tests;
