//! What is known from the program and its settings alone, before anything outside is asked.

use std::sync::Arc;

use palisade_core::{Clock, Ids, Random};
use palisade_health::Lifecycle;
use palisade_http::metrics::RequestMetrics;
use utoipa::openapi::OpenApi;

use crate::{
    edge::Edge, failure::Failure, management, observability::Observability, program::Program,
    settings::Settings,
};

/// What is known from the program and its settings alone. A server answers with it while the rest is still being made.
pub(crate) struct Base {
    /// What is served.
    pub(crate) program: Arc<Program>,
    /// The settings.
    pub(crate) settings: Settings,
    /// Where measurements go.
    pub(crate) observability: Observability,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Randomness fit for secrets.
    pub(crate) random: Arc<dyn Random>,
    /// Makes ids.
    pub(crate) ids: Ids,
    /// Where the program stands between its start and its end.
    pub(crate) lifecycle: Lifecycle,
    /// Every route of the first version of the API.
    pub(crate) openapi: OpenApi,
    /// The layers that all workers share.
    pub(crate) edge: Edge,
    /// What each request is measured by, where anything is measured.
    pub(crate) request_metrics: Option<RequestMetrics>,
    /// Who may use the management listener.
    pub(crate) management_guard: management::Guard,
}

impl Base {
    /// Makes it, without any input or output.
    ///
    /// # Errors
    /// What the rules of the settings refuse; a route whose deprecation makes no sense.
    pub(crate) fn new(
        program: Arc<Program>,
        settings: Settings,
        observability: Observability,
    ) -> Result<Self, Failure> {
        let (clock, random) = (Arc::clone(&program.clock), Arc::clone(&program.random));
        let openapi = program.openapi(&settings);
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
            program,
        })
    }
}
