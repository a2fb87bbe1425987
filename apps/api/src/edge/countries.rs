//! Countries let in or kept out.

use std::time::Duration;

use palisade_http::{
    geoip::{CountryRules, DatabaseError, GeoDatabase, GeoIp, Watch},
    settings::GeoIpSettings,
    vital::Vital,
};

use crate::failure::Failure;

/// How often the database is looked at. A replacement is taken up after two looks at most.
const LOOK: Duration = Duration::from_secs(2);

/// The layer with what keeps its database up to date; nothing without a database.
pub(super) fn layer(settings: &GeoIpSettings, vital: &Vital) -> Result<Option<(GeoIp, Watch)>, Failure> {
    let GeoIpSettings { database_path, allowed_countries, blocked_countries, allow_unknown } = settings;
    let Some(path) = database_path else { return Ok(None) };
    let rules = CountryRules::new(allowed_countries, blocked_countries, *allow_unknown);
    let rules = rules.map_err(anyhow::Error::from)?;
    let database = GeoDatabase::open(path).map_err(refused)?;
    let watch = Watch::start(database.clone(), LOOK);
    Ok(Some((GeoIp::new(database, rules, vital.clone()), watch)))
}

fn refused(error: DatabaseError) -> Failure {
    let message = format!("leads to no database of countries: {error}");
    Failure::Setting { key: "geoip.database_path", message }
}
