//! The database in use.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;

use super::{
    Country,
    file::{Countries, Damage},
    version::Version,
};

/// The countries of addresses, from a file in MaxMind's format. Its clones are the same database.
#[derive(Clone)]
pub struct GeoDatabase {
    path: Arc<Path>,
    opened: Version,
    countries: Arc<ArcSwap<Countries>>,
}

/// Why there is no database: a text for operators, which names the file.
#[derive(Debug, thiserror::Error)]
#[error("{path} {damage}", path = path.display())]
pub struct DatabaseError {
    path: PathBuf,
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
        let opened = Version::of(std::fs::metadata(&path));
        match Countries::read(&path) {
            Ok(countries) => {
                let countries = Arc::new(ArcSwap::from_pointee(countries));
                Ok(Self { path: path.into(), opened, countries })
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

    /// The version of the file with which it began.
    pub(super) const fn opened(&self) -> Version {
        self.opened
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
