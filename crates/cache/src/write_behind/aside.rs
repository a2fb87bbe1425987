//! Where values go that cannot be written.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Where values go that cannot be written, for somebody to look at and to write them after all.
pub trait Aside: Send + Sync + 'static {
    /// Keeps a record for good.
    ///
    /// # Errors
    /// When it cannot; it is asked again.
    fn keep(&self, record: &Record) -> io::Result<()>;
}

/// A value that was not written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// When it was given up.
    pub at: DateTime<Utc>,
    /// Its key.
    pub key: String,
    /// The value, as JSON.
    pub value: serde_json::Value,
    /// Why it was not written.
    pub reason: String,
}

/// A file of records, one JSON object a line, readable by this user alone. Each record is on the disk before it counts
/// as kept.
#[derive(Debug)]
pub struct FileAside {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

impl FileAside {
    /// Records in the file at `path`, which is made when there is one to keep.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), file: Mutex::new(None) }
    }

    /// The records in a file, in the order in which they were kept.
    ///
    /// # Errors
    /// When the file cannot be read, or a line is no record; a last line without its end was never kept.
    pub fn read(path: &Path) -> io::Result<Vec<Record>> {
        let mut lines = BufReader::new(File::open(path)?);
        let (mut records, mut line) = (Vec::new(), String::new());
        while lines.read_line(&mut line)? > 0 && line.ends_with('\n') {
            records.push(serde_json::from_str(&line)?);
            line.clear();
        }
        Ok(records)
    }

    fn open(&self) -> io::Result<File> {
        use std::os::unix::fs::OpenOptionsExt as _;
        OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)
    }
}

impl Aside for FileAside {
    fn keep(&self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = match &mut *file {
            Some(file) => file,
            none => none.insert(self.open()?),
        };
        let before = kept.metadata()?.len();
        let written = kept.write_all(&line).and_then(|()| kept.sync_data());
        if written.is_err() {
            // Half a record would spoil the next one.
            kept.set_len(before)?;
        }
        written
    }
}
