//! The database in use.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use tokio::task::spawn_blocking;

use super::{
    Country,
    file::{Countries, Damage},
    version::Version,
};

/// The countries of addresses, from a file in MaxMind's format. Its clones are the same database.
#[derive(Clone)]
pub struct GeoDatabase {
    path: Arc<Path>,
    /// The version of the file that was last read, whatever became of it.
    read: Arc<Mutex<Version>>,
    countries: Arc<ArcSwap<Countries>>,
}

/// Why there is no database: a text for operators, which names the file.
#[derive(Debug, thiserror::Error)]
#[error("{path} {damage}", path = path.display())]
pub struct DatabaseError {
    path: PathBuf,
    #[source]
    damage: Damage,
}

impl GeoDatabase {
    /// Reads the file and looks it through. It blocks for as long as that takes: about a second for a hundred
    /// megabytes.
    ///
    /// # Errors
    /// When the file is missing, damaged, or no database of countries.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, DatabaseError> {
        let path = path.into();
        // Before the file is read, so that what replaces it meanwhile is another version.
        let read = Arc::new(Mutex::new(Version::of(std::fs::metadata(&path))));
        match Countries::read(&path) {
            Ok(countries) => {
                let countries = Arc::new(ArcSwap::from_pointee(countries));
                Ok(Self { path: path.into(), read, countries })
            }
            Err(damage) => Err(DatabaseError { path, damage }),
        }
    }

    /// The country that the address is in, if that is known.
    #[must_use]
    pub fn country(&self, address: IpAddr) -> Option<Country> {
        self.countries.load().find(address)
    }

    /// Reads the file again and takes it up if it is whole; otherwise all stays as it is. It blocks.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn reload(&self) -> Result<(), DatabaseError> {
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) =
            Version::of(std::fs::metadata(&self.path));
        match Countries::read(&self.path) {
            Ok(countries) => {
                tracing::info!(
                    path = %self.path.display(),
                    database = countries.kind(),
                    built_at = countries.built_at(),
                    "geoip.reloaded"
                );
                self.countries.store(Arc::new(countries));
                Ok(())
            }
            Err(damage) => Err(DatabaseError { path: self.path.to_path_buf(), damage }),
        }
    }

    /// The version of the file that was last read.
    pub(super) fn version(&self) -> Version {
        *self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reloads on a thread that may block, and logs what fails.
    pub async fn reload_and_log(&self) {
        let database = self.clone();
        match spawn_blocking(move || database.reload()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "geoip.reload_failed"),
            Err(error) => tracing::error!(%error, "geoip.reload_failed"),
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Debug for GeoDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeoDatabase").field("path", &self.path).finish_non_exhaustive()
    }
}
