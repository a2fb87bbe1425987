//! SQLite: the file, its permissions, one writer and several readers.

use std::{io, path::Path, time::Duration};

use sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{Error, Settings, error::classify_connect, pools::Pools};

/// How long a statement waits for another process that writes to the same file, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The write-ahead log shrinks to this after a checkpoint, in bytes.
const JOURNAL_SIZE_LIMIT: &str = "67108864";

pub(super) async fn in_memory(settings: &Settings) -> Result<Pools, Error> {
    let options = common(settings).in_memory(true);
    // The data lives as long as this one connection: it must never be closed and no second may be opened.
    let pool = endless(settings, 1).connect_with(options).await;
    let pool = pool.map_err(|error| classify_connect(crate::Dialect::Sqlite, "sqlite::memory:", error))?;
    Ok(Pools::Sqlite { writer: pool.clone(), readers: pool })
}

pub(super) async fn in_file(path: &Path, create: bool, settings: &Settings) -> Result<Pools, Error> {
    prepare(path, create).await.map_err(|error| not_writable(path, &error))?;
    let options = common(settings).filename(path).create_if_missing(false);
    let writer_options = options
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT);
    // Not opened read-only: a reader must be able to recover the log that a crash left.
    let reader_options = options.pragma("query_only", "ON");
    let unusable = |error| match classify_connect(crate::Dialect::Sqlite, &path.display().to_string(), error)
    {
        Error::Unavailable { reason } | Error::Statement { message: reason, .. } => {
            Error::Configuration(format!("the SQLite file {} cannot be used: {reason}", path.display()))
        }
        other => other,
    };
    let writer = endless(settings, 1).connect_with(writer_options).await.map_err(unusable)?;
    let readers =
        endless(settings, settings.pool_size.max(1)).connect_with(reader_options).await.map_err(unusable)?;
    Ok(Pools::Sqlite { writer, readers })
}

fn common(settings: &Settings) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT.min(settings.statement_timeout()))
        .statement_cache_capacity(settings.statement_cache_size)
        .disable_statement_logging()
}

fn endless(settings: &Settings, connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(settings.acquire_timeout())
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Makes the folder and the file, readable by the owner alone: it holds password hashes. SQLite gives its log and
/// shared memory the permissions of the file.
async fn prepare(path: &Path, create: bool) -> io::Result<()> {
    if create && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await?;
    }
    tokio::fs::OpenOptions::new().write(true).create(create).truncate(false).mode(0o600).open(path).await?;
    Ok(())
}

fn not_writable(path: &Path, error: &io::Error) -> Error {
    Error::Configuration(format!("the SQLite file {} cannot be written: {}", path.display(), error.kind()))
}
