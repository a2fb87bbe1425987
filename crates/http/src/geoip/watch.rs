//! Taking up a database file that has been replaced.

use std::time::Duration;

use tokio::task::JoinHandle;

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
    let mut last = database.version();
    loop {
        tokio::time::sleep(every).await;
        let present = Version::of(tokio::fs::metadata(database.path()).await);
        if present == last && present != database.version() {
            database.reload_and_log().await;
        }
        last = present;
    }
}
