//! What the layers of the edge are made of, built once and shared by all workers.

use std::{sync::Arc, time::Duration};

use palisade_core::error::Reason;
use palisade_http::{
    client_address::{ClientAddress, TrustedProxies},
    coders::Coders,
    cors::Cors,
    deprecation::{Announcer, Deprecations},
    geoip,
    load_shed::{self, Bounds, Capacity, LoadShed},
    security_headers::SecurityHeaders,
    surge_guard::{self, Clients, SurgeGuard},
    trusted_hosts::{AllowedHosts, TrustedHosts},
    vital::Vital,
};
use palisade_telemetry::metrics::Telemetry;
use utoipa::openapi::OpenApi;

use crate::{failure::Failure, settings::Settings};

/// The edge's own names for what goes wrong.
pub(crate) const REASONS: &[Reason] = &[load_shed::SHED, surge_guard::SURGE, geoip::COUNTRY_REFUSED];

/// Layers that are the same on every listener and worker.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    /// The routes that go away, if any do.
    pub(crate) deprecation: Option<Announcer>,
    /// What browsers may not do.
    pub(crate) security_headers: SecurityHeaders,
    /// Which hosts are ours.
    pub(crate) trusted_hosts: TrustedHosts,
    /// Who the client is.
    pub(crate) client_address: ClientAddress,
    /// Which origins may call; none without it.
    pub(crate) cors: Option<Cors>,
    /// The memory for compressed bodies.
    pub(crate) coders: Coders,
    /// How much one client may have in flight.
    pub(crate) surge_guard: SurgeGuard,
    /// How much all clients together may.
    pub(crate) load_shed: LoadShed,
}

impl Edge {
    /// The layers as the settings and the API document want them, measured by `telemetry`.
    ///
    /// # Errors
    /// What the rules of the settings refuse.
    pub(crate) fn new(
        settings: &Settings,
        openapi: &OpenApi,
        deprecations: &Deprecations,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Result<Self, Failure> {
        let security = &settings.security;
        let hosts = AllowedHosts::parse(&security.allowed_hosts).map_err(anyhow::Error::from)?;
        let proxies = TrustedProxies::parse(&security.trusted_proxies).map_err(anyhow::Error::from)?;
        let vital = palisade_openapi::vital(openapi);
        Ok(Self {
            deprecation: deprecations.layer(),
            security_headers: security_headers(settings)?,
            trusted_hosts: TrustedHosts::new(hosts),
            client_address: ClientAddress::new(proxies).by(security.forwarding_header),
            cors: settings.cors.rules().map_err(anyhow::Error::from)?,
            coders: Coders::new(settings.compression.memory_bytes, telemetry),
            surge_guard: surge_guard(settings, vital.clone()),
            load_shed: load_shed(settings, vital),
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
    Ok(match (settings.hsts(), security.hsts_preload) {
        (true, true) => headers.with_hsts_preload(),
        (true, false) => headers.with_hsts(),
        (false, _) => headers,
    })
}

fn surge_guard(settings: &Settings, vital: Vital) -> SurgeGuard {
    SurgeGuard::new(Clients::new(), settings.server.max_in_flight_per_client, vital)
}

fn load_shed(settings: &Settings, vital: Vital) -> LoadShed {
    let server = &settings.server;
    let bounds = Bounds {
        in_flight: server.max_in_flight,
        queued: server.queue_limit,
        patience: Duration::from_millis(server.queue_timeout_ms),
    };
    LoadShed::new(Capacity::new(bounds), vital)
}
