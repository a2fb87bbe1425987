//! What the layers of the edge are made of, built once and shared by all workers.

use palisade_http::client_address::{ClientAddress, TrustedProxies};

use crate::{failure::Failure, settings::Settings};

/// Layers that are the same on every listener and worker.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Who the client is.
    pub client_address: ClientAddress,
}

impl Edge {
    /// The layers as the settings want them.
    ///
    /// # Errors
    /// What the rules of the settings refuse.
    pub fn new(settings: &Settings) -> Result<Self, Failure> {
        let security = &settings.security;
        let trusted = TrustedProxies::parse(&security.trusted_proxies).map_err(anyhow::Error::from)?;
        Ok(Self { client_address: ClientAddress::new(trusted).by(security.forwarding_header) })
    }
}
