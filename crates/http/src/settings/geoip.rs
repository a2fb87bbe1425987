//! The section `geoip`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::geoip::Country;

/// Countries let in or kept out.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "settings", schemars(extend("x-env-ours-alone" = true)))]
pub struct GeoIpSettings {
    /// A file that tells the countries of addresses, in MaxMind's format. Its replacement is taken up within a
    /// few seconds.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = [
        "SECURITY_GEOIP_DATABASE_PATH",
        {
            "name": "SECURITY_ENABLE_GEO_BLOCKING",
            "instead": "countries are blocked where GEOIP_DATABASE_PATH is set with GEOIP_ALLOWED_COUNTRIES or \
                        GEOIP_BLOCKED_COUNTRIES"
        }
    ])))]
    pub database_path: Option<PathBuf>,
    /// The countries that are let in, as ISO 3166-1 alpha-2 codes such as `DE`; every country when there are
    /// none. Others get a 403.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = ["SECURITY_ALLOWED_COUNTRIES"])))]
    pub allowed_countries: Vec<Country>,
    /// The countries that are kept out, with a 403.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = ["SECURITY_BLOCKED_COUNTRIES"])))]
    pub blocked_countries: Vec<Country>,
    /// Whether addresses whose country is not known are let in where `allowed_countries` names some. Loopback
    /// and private addresses always are.
    pub allow_unknown: bool,
}
