//! From settings to a source of connections.

mod mysql;
mod postgres;
mod sqlite;

use url::Url;

pub(crate) use sqlite::{File, SqliteSources};

use crate::{DatabaseUrl, Dialect, Error, Settings, connection::Connection, url::Target};

/// Where the connections of one pool come from.
pub(crate) enum Source {
    Sqlite(sqlite::Options),
    Postgres(postgres::Options),
    MySql(mysql::Options),
}

/// The sources of a database.
pub(crate) enum Sources {
    Sqlite(Box<SqliteSources>),
    Server(Box<Source>),
}

impl Sources {
    /// Reads the settings; of SQLite, makes folder and file.
    pub(crate) async fn from_settings(url: &DatabaseUrl, settings: &Settings) -> Result<Self, Error> {
        Ok(match &url.target {
            Target::SqliteMemory => Self::Sqlite(Box::new(sqlite::in_memory(settings))),
            Target::SqliteFile { path, create } => {
                Self::Sqlite(Box::new(sqlite::in_file(path, *create, settings).await?))
            }
            Target::Postgres(address) => {
                Self::Server(Box::new(Source::Postgres(postgres::Options::new(address, settings)?)))
            }
            Target::MySql(address) => {
                Self::Server(Box::new(Source::MySql(mysql::Options::new(address, settings)?)))
            }
        })
    }
}

impl Source {
    /// Opens a connection and sets its session up.
    pub(crate) async fn open(&self) -> Result<Connection, sqlx::Error> {
        match self {
            Self::Sqlite(options) => options.open().await.map(Connection::Sqlite),
            Self::Postgres(options) => options.open().await,
            Self::MySql(options) => options.open().await.map(Connection::MySql),
        }
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_) => Dialect::MySql,
        }
    }
}

/// The options after `?`, without their values: the driver does not say which one it refuses.
fn option_names(url: &Url) -> String {
    url.query_pairs().map(|(key, _)| key.into_owned()).collect::<Vec<_>>().join(", ")
}
