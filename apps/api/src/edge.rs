//! What the layers of the edge are made of, built once and shared by all workers.

use palisade_http::{
    client_address::{ClientAddress, TrustedProxies},
    cors::Cors,
    security_headers::SecurityHeaders,
    trusted_hosts::{AllowedHosts, TrustedHosts},
};

use crate::{failure::Failure, settings::Settings};

/// Layers that are the same on every listener and worker.
#[derive(Debug, Clone)]
pub struct Edge {
    /// What browsers may not do.
    pub security_headers: SecurityHeaders,
    /// Which hosts are ours.
    pub trusted_hosts: TrustedHosts,
    /// Who the client is.
    pub client_address: ClientAddress,
    /// Which origins may call; none without it.
    pub cors: Option<Cors>,
}

impl Edge {
    /// The layers as the settings want them.
    ///
    /// # Errors
    /// What the rules of the settings refuse.
    pub fn new(settings: &Settings) -> Result<Self, Failure> {
        let security = &settings.security;
        let hosts = AllowedHosts::parse(&security.allowed_hosts).map_err(anyhow::Error::from)?;
        let proxies = TrustedProxies::parse(&security.trusted_proxies).map_err(anyhow::Error::from)?;
        Ok(Self {
            security_headers: security_headers(settings)?,
            trusted_hosts: TrustedHosts::new(hosts),
            client_address: ClientAddress::new(proxies).by(security.forwarding_header),
            cors: settings.cors.rules().map_err(anyhow::Error::from)?,
        })
    }
}

fn security_headers(settings: &Settings) -> Result<SecurityHeaders, Failure> {
    let security = &settings.security;
    let headers = if security.enable_csp {
        SecurityHeaders::with_policy(&security.csp_policy).map_err(anyhow::Error::from)?
    } else {
        SecurityHeaders::without_policy()
    };
    Ok(if settings.hsts() { headers.with_hsts() } else { headers })
}
