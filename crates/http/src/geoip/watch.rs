//! Taking up a database file that has been replaced.

use std::time::Duration;

use tokio::task::{JoinHandle, spawn_blocking};

use super::{GeoDatabase, version::Version};

/// Looks at a database's file time and again, and has the database read it anew when it has changed. Dropping
/// it ends that.
///
/// The file may be replaced by a rename or be written over: it is read once it has stood still from one look
/// to the next. A replacement that is damaged, or a file that has vanished, leaves the database as it is and is
/// logged once as `geoip.reload_failed`.
#[derive(Debug)]
#[must_use = "the file is watched for as long as this lives"]
pub struct Watch(JoinHandle<()>);

impl Watch {
    /// Looks at the file of `database` that often. It must be called within a tokio runtime.
    pub fn start(database: GeoDatabase, every: Duration) -> Self {
        Self(tokio::spawn(watch(database, every)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn watch(database: GeoDatabase, every: Duration) {
    let mut read = database.opened();
    let mut last = read;
    loop {
        tokio::time::sleep(every).await;
        let present = Version::of(tokio::fs::metadata(database.path()).await);
        if present == last && present != read {
            read = present;
            take_up(database.clone()).await;
        }
        last = present;
    }
}

/// Reads the file on a thread that may block.
async fn take_up(database: GeoDatabase) {
    let outcome = spawn_blocking(move || database.reload()).await;
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "geoip.reload_failed"),
        Err(error) => tracing::error!(%error, "geoip.reload_failed"),
    }
}
