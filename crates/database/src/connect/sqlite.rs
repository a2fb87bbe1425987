//! SQLite: the file, its permissions, one writer and several readers.

use std::{
    fs::Metadata,
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    ConnectOptions as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::Source;
use crate::{Error, Settings};

/// How long a statement waits for another process that writes to the same file, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many pages of 4 KiB the write-ahead log has when it is copied into the file, for which both are synced to the disk.
const CHECKPOINT_PAGES: &str = "4000";
/// The write-ahead log shrinks to this after a checkpoint, in bytes.
const JOURNAL_SIZE_LIMIT: &str = "67108864";

pub(crate) struct Options(SqliteConnectOptions);

impl Options {
    pub(super) async fn open(&self) -> Result<SqliteConnection, sqlx::Error> {
        self.0.connect().await
    }
}

/// Where the connections of an SQLite database come from.
pub(crate) struct SqliteSources {
    pub(crate) writer: Source,
    /// None in memory, where the one connection does both.
    pub(crate) readers: Option<Source>,
    /// None in memory.
    pub(crate) file: Option<File>,
}

pub(super) fn in_memory(settings: &Settings) -> SqliteSources {
    let writer = Source::Sqlite(Options(common(settings).in_memory(true)));
    SqliteSources { writer, readers: None, file: None }
}

pub(super) async fn in_file(path: &Path, create: bool, settings: &Settings) -> Result<SqliteSources, Error> {
    prepare(path, create).await.map_err(|error| not_writable(path, &error))?;
    let options = common(settings).filename(path).create_if_missing(false);
    let writer = options
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT);
    // Not opened read-only: a reader must be able to recover the log that a crash left.
    let readers = options.clone().pragma("query_only", "ON");
    let probe = Source::Sqlite(Options(options.busy_timeout(Duration::ZERO)));
    let file = File { path: path.to_path_buf(), probe, identity: Mutex::default() };
    let [writer, readers] = [writer, readers].map(|options| Source::Sqlite(Options(options)));
    Ok(SqliteSources { writer, readers: Some(readers), file: Some(file) })
}

/// The file of a database, watched for being removed or replaced: SQLite itself would go on with the old one, and what
/// is written there is lost.
pub(crate) struct File {
    path: PathBuf,
    /// Opens a connection that has read nothing yet and waits for nobody.
    pub(crate) probe: Source,
    /// Device and inode of the file that the connections have open.
    identity: Mutex<Option<(u64, u64)>>,
}

impl File {
    /// Whether the path leads to the file it led to at the last call. One without a writable bit is refused too,
    /// because the connections that are open would not notice.
    pub(crate) async fn is_in_place(&self) -> Result<bool, Error> {
        let path = self.path.display();
        let metadata = tokio::fs::metadata(&self.path).await;
        let metadata = metadata
            .map_err(|error| Error::unavailable(format!("the SQLite file {path} is gone: {}", error.kind())));
        let found = metadata.as_ref().map(identity).ok();
        let known =
            std::mem::replace(&mut *self.identity.lock().unwrap_or_else(PoisonError::into_inner), found);
        if metadata?.permissions().readonly() {
            return Err(Error::unavailable(format!("the SQLite file {path} is read-only")));
        }
        Ok(known.is_none() || known == found)
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn common(settings: &Settings) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT.min(settings.statement_timeout()))
        .statement_cache_capacity(settings.statement_cache_size)
        .disable_statement_logging()
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
