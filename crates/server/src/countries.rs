//! Countries let in or kept out.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use palisade_http::{
    exempt_routes::ExemptRoutes,
    geoip::{CountryRules, DatabaseError, GeoDatabase, GeoIp, Watch},
    settings::GeoIpSettings,
};
use tokio::task::spawn_blocking;

use crate::failure::Failure;

/// How often the database is looked at. A replacement is taken up after two looks at most.
const LOOK: Duration = Duration::from_secs(2);

/// The layer that lets countries in or keeps them out, and its database.
#[derive(Debug)]
pub(crate) struct Countries {
    /// The layer.
    pub(crate) layer: GeoIp,
    /// Tells where an address is.
    pub(crate) database: GeoDatabase,
    /// Takes up a new file for as long as this lives.
    _watch: Watch,
}

impl Countries {
    /// Reads the database that the settings name; `None` when they name none. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the file is missing or damaged.
    pub(crate) async fn open(
        settings: &GeoIpSettings,
        exempt: ExemptRoutes,
    ) -> Result<Option<Self>, Failure> {
        let GeoIpSettings { database_path, allowed_countries, blocked_countries, allow_unknown } = settings;
        let Some(path) = database_path else { return Ok(None) };
        let rules = CountryRules::new(allowed_countries, blocked_countries, *allow_unknown);
        let rules = rules.map_err(anyhow::Error::from)?;
        let database = read(path.clone()).await?;
        let watch = Watch::start(database.clone(), LOOK);
        Ok(Some(Self { layer: GeoIp::new(database.clone(), rules, exempt), database, _watch: watch }))
    }
}

/// Reads the file on a thread that may block: a large one takes a second.
async fn read(path: PathBuf) -> Result<GeoDatabase, Failure> {
    let database = spawn_blocking(move || GeoDatabase::open(path)).await;
    database.context("the database of countries cannot be read")?.map_err(|error| refused(&error))
}

fn refused(error: &DatabaseError) -> Failure {
    let message = format!("leads to no database of countries: {error}");
    Failure::unusable("geoip.database_path", message, error)
}
