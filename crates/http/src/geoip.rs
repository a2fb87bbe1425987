//! Countries let in or kept out.
//!
//! Where an address is comes from a database in MaxMind's format, which is a file of the operator's:
//! [`GeoDatabase`] reads it, and a [`Watch`] takes up its replacements.

mod country;
mod database;
mod file;
mod rules;
mod version;
mod watch;

use std::net::IpAddr;

use actix_web::{HttpMessage as _, dev::ServiceRequest};
use palisade_core::{Error, ErrorKind, error::Reason};

use crate::{
    Rejection,
    client_address::ClientIp,
    exempt_routes::ExemptRoutes,
    layer::{EarlyResponse, Hook, reject_early},
};
pub use country::{Country, UnknownCountry};
pub use database::{DatabaseError, GeoDatabase};
pub use rules::{BothWays, CountryRules};
pub use watch::Watch;

/// The name of a refusal by [`GeoIp`].
pub const COUNTRY_REFUSED: Reason = Reason::new(
    "geoip.country_refused",
    ErrorKind::Forbidden,
    "Requests from the client's country are not taken.",
);

/// The layer that finds the country of the client's address ([`ClientIp`]), puts it into the request's
/// extensions as a [`Country`] for handlers and the log, and answers 403 where the rules keep it out.
///
/// Addresses that belong to no country (loopback, private networks, link-local, the shared space of
/// carriers) are let in whatever the rules say: they are the operator's own probes and neighbours, and a
/// public client cannot have one. [`ExemptRoutes`] routes are let through too.
#[derive(Debug, Clone)]
pub struct GeoIp {
    database: GeoDatabase,
    rules: CountryRules,
    exempt: ExemptRoutes,
    refusal: Rejection,
}

impl GeoIp {
    /// Applies these rules, except for `exempt` routes.
    #[must_use]
    pub fn new(database: GeoDatabase, rules: CountryRules, exempt: ExemptRoutes) -> Self {
        let error = Error::forbidden("Not available where you are").with_reason(COUNTRY_REFUSED.name);
        Self { database, rules, exempt, refusal: error.into() }
    }
}

impl Hook for GeoIp {
    type Kept<'a> = ();

    fn before(&self, request: &mut ServiceRequest) -> Result<(), EarlyResponse> {
        let address = ClientIp::of(request.request()).0;
        let country = self.database.country(address);
        if let Some(country) = country {
            request.extensions_mut().insert(country);
        }
        if !self.rules.admit(country) && !is_local(address) && !self.exempt.covers(request) {
            return Err(reject_early(request, self.refusal.clone()));
        }
        Ok(())
    }
}

/// Whether no public client can have this address.
fn is_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            // RFC 6598: between a carrier and its customers.
            let shared = address.octets().starts_with(&[100]) && address.octets()[1] & 0xc0 == 64;
            address.is_loopback() || address.is_private() || address.is_link_local() || shared
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_is_what_the_internet_does_not_route() {
        let local = [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "100.127.255.255",
        ];
        let local = local.into_iter().chain(["::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1"]);
        for address in local {
            assert!(is_local(address.parse().unwrap()), "{address}");
        }
        for address in
            ["100.63.0.1", "100.128.0.1", "0.0.0.0", "203.0.113.9", "2001:db8::1", "::", "::ffff:8.8.8.8"]
        {
            assert!(!is_local(address.parse().unwrap()), "{address}");
        }
    }
}
