//! What the layers of the edge are made of, built once and shared by all workers.

use std::{sync::Arc, time::Duration};

use palisade_core::error::Reason;
use palisade_http::{
    client_address::ClientAddress,
    coders::Coders,
    cors::Cors,
    deprecation::{Announcer, Deprecations},
    exempt_routes::ExemptRoutes,
    geoip,
    load_shed::{self, Bounds, Capacity, LoadShed},
    security_headers::SecurityHeaders,
    surge_guard::{self, Clients, SurgeGuard},
    trusted_hosts::TrustedHosts,
};
use palisade_telemetry::metrics::Telemetry;
use utoipa::openapi::OpenApi;

use crate::{failure::Failure, settings::Settings};

/// The edge's own names for what goes wrong.
pub(crate) const REASONS: &[Reason] = &[load_shed::SHED, surge_guard::SURGE, geoip::COUNTRY_REFUSED];

/// Layers that are the same on every listener and worker. One that is switched off in `[layers]` is `None`.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    /// The routes that go away, if any do.
    pub(crate) deprecation: Option<Announcer>,
    /// What browsers may not do.
    pub(crate) security_headers: Option<SecurityHeaders>,
    /// Which hosts are ours.
    pub(crate) trusted_hosts: Option<TrustedHosts>,
    /// Who the client is.
    pub(crate) client_address: Option<ClientAddress>,
    /// Which origins may call; none without it.
    pub(crate) cors: Option<Cors>,
    /// The memory for compressed bodies.
    pub(crate) coders: Coders,
    /// How much one client may have in flight.
    pub(crate) surge_guard: Option<SurgeGuard>,
    /// How much all clients together may.
    pub(crate) load_shed: Option<LoadShed>,
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
        let (on, security) = (&settings.layers, &settings.security);
        let environment = settings.app.environment;
        let headers = security.headers.layer(environment).map_err(anyhow::Error::from)?;
        let hosts = security.hosts.layer().map_err(anyhow::Error::from)?;
        let client_address = security.proxies.layer().map_err(anyhow::Error::from)?;
        let cors = settings.cors.rules().map_err(anyhow::Error::from)?;
        let exempt = palisade_openapi::exempt_routes(openapi);
        Ok(Self {
            deprecation: deprecations.layer().filter(|_| on.deprecation),
            security_headers: on.security_headers.then_some(headers),
            trusted_hosts: on.trusted_hosts.then_some(hosts),
            client_address: on.client_address.then_some(client_address),
            cors: cors.filter(|_| on.cors),
            coders: Coders::new(settings.compression.memory_bytes, telemetry),
            surge_guard: on.surge_guard.then(|| surge_guard(settings, exempt.clone())),
            load_shed: on.load_shed.then(|| load_shed(settings, exempt)),
        })
    }
}

fn surge_guard(settings: &Settings, exempt: ExemptRoutes) -> SurgeGuard {
    SurgeGuard::new(Clients::new(), settings.server.max_in_flight_per_client, exempt)
}

fn load_shed(settings: &Settings, exempt: ExemptRoutes) -> LoadShed {
    let server = &settings.server;
    let bounds = Bounds {
        in_flight: server.max_in_flight,
        queued: server.queue_limit,
        patience: Duration::from_millis(server.queue_timeout_ms),
    };
    LoadShed::new(Capacity::new(bounds), exempt)
}
