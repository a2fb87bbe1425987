//! What is known of a program and its settings before anything outside is asked.

use std::sync::Arc;

use palisade_health::Lifecycle;
use palisade_http::metrics::RequestMetrics;
use utoipa::openapi::OpenApi;

use crate::{
    document, edge::Edge, failure::Failure, generated::deprecations, ground::Ground, management,
    observability::Observability, program::Program, settings::Settings,
};

/// What is known of a program and its settings. A server answers with it while the rest is still being made.
pub(crate) struct Base {
    /// What is served.
    pub(crate) program: Arc<Program>,
    /// What everything stands on.
    pub(crate) ground: Arc<Ground>,
    /// Where the program stands between its start and its end.
    pub(crate) lifecycle: Lifecycle,
    /// Every route of the first version of the API.
    pub(crate) openapi: OpenApi,
    /// The documents of the versions after the first, by name.
    pub(crate) further: Vec<(String, OpenApi)>,
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
        let openapi = program.openapi(&settings);
        let further = document::further(&program, &settings);
        let deprecations = deprecations(&program, &settings, &openapi, &further)?;
        let telemetry = &observability.telemetry;
        Ok(Self {
            lifecycle: Lifecycle::starting(),
            edge: Edge::new(&settings, &openapi, &deprecations, telemetry)?,
            openapi,
            further,
            request_metrics: settings
                .measures()
                .then(|| RequestMetrics::new(telemetry, settings.telemetry.slow_request())),
            management_guard: management::Guard::new(&settings.management).map_err(anyhow::Error::from)?,
            ground: Arc::new(Ground::new(Arc::clone(&program.facts), settings, observability)),
            program,
        })
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.ground.settings
    }
}
