//! What is known from the settings alone, before anything outside is asked.

use std::sync::Arc;

use palisade_core::{Clock, Ids, Random, SystemClock, SystemRandom};
use palisade_health::Lifecycle;
use palisade_http::metrics::RequestMetrics;
use utoipa::openapi::OpenApi;

use crate::{
    edge::Edge, failure::Failure, management, observability::Observability, pipeline, settings::Settings,
};

/// What is known from the settings alone. A server answers with it while the rest is still being made.
pub struct Base {
    /// The settings.
    pub settings: Settings,
    /// Where measurements go.
    pub observability: Observability,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness fit for secrets.
    pub random: Arc<dyn Random>,
    /// Makes ids.
    pub ids: Ids,
    /// Where the program stands between its start and its end.
    pub lifecycle: Lifecycle,
    /// Every route of the public API.
    pub openapi: OpenApi,
    /// The layers that all workers share.
    pub edge: Edge,
    /// What each request is measured by, where anything is measured.
    pub request_metrics: Option<RequestMetrics>,
    /// Who may use the management listener.
    pub(crate) management_guard: management::Guard,
}

impl Base {
    /// Makes it, without any input or output.
    ///
    /// # Errors
    /// What the rules of the settings refuse; a route whose deprecation makes no sense.
    pub fn new(settings: Settings, observability: Observability) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let openapi = pipeline::openapi(&settings);
        Ok(Self {
            ids: Ids::new(Arc::clone(&clock), Arc::clone(&random)),
            clock,
            random,
            lifecycle: Lifecycle::starting(),
            edge: Edge::new(&settings, &openapi, &observability.telemetry)?,
            openapi,
            request_metrics: settings
                .measures()
                .then(|| RequestMetrics::new(&observability.telemetry, settings.telemetry.slow_request())),
            management_guard: management::Guard::new(&settings.management).map_err(anyhow::Error::from)?,
            settings,
            observability,
        })
    }
}
