//! The listeners, as the settings want them.

use std::{net::IpAddr, sync::Arc, time::Duration};

use palisade_core::SystemClock;
use palisade_http::client_address::TrustedProxies;
use palisade_listener::{ClientLimit, Listener, RefusalPacing, Tls, TlsError, TlsFile};

use crate::{
    failure::Failure,
    open_files::{self, MANAGEMENT_CONNECTIONS},
    settings::Settings,
};

/// How many connections a client may have where nothing else is said: browsers open six to a server, and several
/// people may share an address.
const CONNECTIONS_PER_CLIENT: u32 = 256;

/// Every listener of a server, bound.
pub(crate) struct Listeners {
    pub(crate) api: Listener,
    /// Where it is on.
    pub(crate) management: Option<Listener>,
}

impl Listeners {
    /// Binds them, which blocks while a host's name is looked up and files are read.
    ///
    /// # Errors
    /// When an address is not to be had, or the certificate cannot be used.
    pub(crate) fn bind(settings: &Settings) -> Result<Self, Failure> {
        let (server, management) = (&settings.server, &settings.management);
        let tls = tls(settings)?;
        let api = bind("api", &server.host, server.port)?
            .max_connections(open_files::public_connections(settings)?)
            .limit_clients(client_limit(settings)?)
            .pace_refusals(refusal_pacing(settings)?);
        Ok(Self {
            api: match tls {
                Some(tls) => api.tls(tls),
                None => api,
            },
            management: match management.enabled {
                true => {
                    let listener = bind("management", &management.host, management.port)?;
                    Some(listener.max_connections(MANAGEMENT_CONNECTIONS))
                }
                false => None,
            },
        })
    }
}

fn bind(name: &'static str, host: &str, port: u16) -> Result<Listener, Failure> {
    Listener::bind(name, host, port).map_err(|error| Failure::Bind(format!("{name}: {error}")))
}

/// What the public listener proves itself with, if it speaks TLS.
fn tls(settings: &Settings) -> Result<Option<Tls>, Failure> {
    let (Some(certificate), Some(key)) = (&settings.server.tls_cert, &settings.server.tls_key) else {
        return Ok(None);
    };
    Tls::load(certificate, key, Arc::new(SystemClock)).map(Some).map_err(|error| unusable(&error))
}

/// A certificate that is not valid now is valid later, or renewed, without any change of the settings.
fn unusable(error: &TlsError) -> Failure {
    let key = match error.file() {
        TlsFile::Certificate => "server.tls_cert",
        TlsFile::Key => "server.tls_key",
    };
    match error.is_outside_validity() {
        true => Failure::NotThere { key, message: format!("{key} {error}") },
        false => Failure::unusable(key, error.to_string(), error),
    }
}

/// Delays clients that ignore `Retry-After`, but no proxy: many clients share its connections.
fn refusal_pacing(settings: &Settings) -> Result<RefusalPacing, Failure> {
    let proxies = trusted_proxies(settings)?;
    let longest = Duration::from_millis(settings.server.refusal_delay_ms);
    Ok(RefusalPacing::new(longest, move |address| proxies.contains(address)))
}

fn trusted_proxies(settings: &Settings) -> Result<TrustedProxies, Failure> {
    Ok(settings.security.proxies.proxies().map_err(anyhow::Error::from)?)
}

/// How many connections a client of the public API may have. Behind a proxy there are many clients.
fn client_limit(settings: &Settings) -> Result<ClientLimit, Failure> {
    let proxies = trusted_proxies(settings)?;
    let (most, spare_loopback) = match settings.server.max_connections_per_client {
        Some(most) => (most, false),
        None => (CONNECTIONS_PER_CLIENT, true),
    };
    let exempt =
        move |address: IpAddr| proxies.contains(address) || (spare_loopback && address.is_loopback());
    Ok(ClientLimit::new(most).except(exempt))
}
