//! The `/health` routes, `/ready` and `/live`. All of them are public: an orchestrator has no credentials.
//!
//! The handlers find a [`Health`] as `web::Data<Health>`.

mod body;

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    web::Data,
};
use palisade_core::{Clock, Environment};
use palisade_http::KeepBody;
use palisade_telemetry::metrics::Off;
use serde::Serialize;

use crate::{Lifecycle, Phase, Registry, Report, Status};
use body::Verdict;
pub use body::{Alive, Probe, Summary};

/// What the health routes tell about.
#[derive(Debug)]
pub struct Health {
    /// The registered checks.
    pub registry: Registry,
    /// The program's phase.
    pub lifecycle: Lifecycle,
    /// The program's version.
    pub version: &'static str,
    /// Where the program runs.
    pub environment: Environment,
}

impl Health {
    /// The health of a program whose parts are still being made: alive, and neither started nor ready.
    #[must_use]
    pub fn of_a_start(
        lifecycle: Lifecycle,
        version: &'static str,
        environment: Environment,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let registry = Registry::new(clock, Duration::ZERO, Duration::ZERO, &Off::shared());
        Self { registry, lifecycle, version, environment }
    }
}

impl AsRef<Registry> for Health {
    fn as_ref(&self) -> &Registry {
        &self.registry
    }
}

/// What the group of these routes is for, by its name in the API document.
pub const TAGS: &[(&str, &str)] = &[(
    "health",
    "Whether the program lives, has started and may get traffic, for orchestrators and people.",
)];

/// Writes the two functions that add routes: for an application with an API document, and for one without.
macro_rules! groups {
    ($($(#[$doc:meta])* $configure:ident, $plain:ident: $($handler:ident)*;)*) => {
        $($(#[$doc])*
        #[cfg(feature = "openapi")]
        pub fn $configure(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
            config$(.service($handler))*;
        }

        $(#[$doc])*
        ///
        /// For an application without an API document.
        pub fn $plain(config: &mut actix_web::web::ServiceConfig) {
            config$(.service($handler))*;
        })*
    };
}

groups! {
    /// The addresses without the API prefix: `GET /health`, `/live`, `/ready`.
    configure_root, plain_root: alive root_live root_ready;
    /// The addresses under the API prefix: `GET /health`, `/health/live`, `/health/ready`, `/health/startup`.
    configure, plain: summary live ready startup;
    /// The addresses of the management listener, which has no prefix: those of the root, and the three probes.
    configure_management, plain_management: alive root_live root_ready live ready startup;
}

/// Check the program
///
/// The same short answer while the program lives.
#[cfg_attr(feature = "openapi", utoipa::path(
    tag = "health",
    operation_id = "health_alive",
    security(()),
    extensions(("x-exempt-from-limits" = json!(true))),
    responses((status = 200, description = "The program answers", body = Alive, example = json!({"status": "ok"})))
))]
#[get("/health")]
async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").insert_header(NEVER_STORED).body(ALIVE)
}

/// Summarise health
///
/// Version, environment and the state of each part, for people and dashboards. Always 200.
#[cfg_attr(feature = "openapi", utoipa::path(
    tag = "health",
    operation_id = "health_summary",
    security(()),
    extensions(("x-exempt-from-limits" = json!(true))),
    responses((status = 200, description = "The state of each part", body = Summary))
))]
#[get("/health")]
async fn summary(health: Data<Health>) -> HttpResponse {
    let report = health.registry.report().await;
    answer(true, &Summary::new(&health, &report))
}

/// Probe liveness
///
/// Whether the program should be left running. It asks no other part, so that a lost database never makes an
/// orchestrator kill the program, and it answers at once; `checks` tells what was last known.
#[cfg_attr(feature = "openapi", utoipa::path(
    tag = "health",
    operation_id = "health_live",
    security(()),
    extensions(("x-exempt-from-limits" = json!(true))),
    responses((status = 200, description = "Alive", body = Probe))
))]
#[get("/health/live")]
async fn live(health: Data<Health>) -> HttpResponse {
    liveness(&health)
}

/// Probe liveness at the root
///
/// The same as under the API prefix, at an address that does not depend on it.
#[cfg_attr(feature = "openapi", utoipa::path(
    tag = "health",
    operation_id = "live",
    security(()),
    extensions(("x-exempt-from-limits" = json!(true))),
    responses((status = 200, description = "Alive", body = Probe))
))]
#[get("/live")]
async fn root_live(health: Data<Health>) -> HttpResponse {
    liveness(&health)
}

/// Probe readiness
///
/// Whether traffic should be sent here.
#[cfg_attr(feature = "openapi", utoipa::path(
    tag = "health",
    operation_id = "health_ready",
    security(()),
    extensions(("x-exempt-from-limits" = json!(true))),
    responses(
        (status = 200, description = "Ready, maybe with a part of lesser weight lost", body = Probe),
        (status = 503, description = "Starting, draining, or a critical part is lost", body = Probe)
    )
))]
#[get("/health/ready")]
async fn ready(health: Data<Health>) -> HttpResponse {
    readiness(&health).await
}

/// Probe readiness at the root
///
/// Whether a load balancer should send traffic here: the same as under the API prefix, at an address that does not
/// depend on it.
#[cfg_attr(feature = "openapi", utoipa::path(
    tag = "health",
    operation_id = "ready",
    security(()),
    extensions(("x-exempt-from-limits" = json!(true))),
    responses(
        (status = 200, description = "Ready, maybe with a part of lesser weight lost", body = Probe),
        (status = 503, description = "Starting, draining, or a critical part is lost", body = Probe)
    )
))]
#[get("/ready")]
async fn root_ready(health: Data<Health>) -> HttpResponse {
    readiness(&health).await
}

/// Probe startup
///
/// Whether the program has finished starting.
#[cfg_attr(feature = "openapi", utoipa::path(
    tag = "health",
    operation_id = "health_startup",
    security(()),
    extensions(("x-exempt-from-limits" = json!(true))),
    responses(
        (status = 200, description = "Started", body = Probe),
        (status = 503, description = "Still starting", body = Probe)
    )
))]
#[get("/health/startup")]
async fn startup(health: Data<Health>) -> HttpResponse {
    let verdict = match health.lifecycle.phase() {
        Phase::Starting => Verdict::Starting,
        Phase::Ready | Phase::Draining => Verdict::Is(Status::Ok),
    };
    probe(verdict, &health.registry.last_known())
}

fn liveness(health: &Health) -> HttpResponse {
    probe(Verdict::Is(Status::Ok), &health.registry.last_known())
}

async fn readiness(health: &Health) -> HttpResponse {
    let report = health.registry.report().await;
    let verdict = match health.lifecycle.phase() {
        Phase::Starting => Verdict::Starting,
        Phase::Ready => Verdict::Is(report.status()),
        Phase::Draining => Verdict::Is(Status::Fail),
    };
    probe(verdict, &report)
}

/// Promised byte for byte, so it is not left to a serialiser.
const ALIVE: &str = r#"{"status":"ok"}"#;

/// A probe that was answered from a cache on the way would be worse than none (RFC 9111 §5.2.2.5).
const NEVER_STORED: (actix_web::http::header::HeaderName, HeaderValue) =
    (CACHE_CONTROL, HeaderValue::from_static("no-store"));

fn probe(verdict: Verdict, report: &Report) -> HttpResponse {
    let well = !matches!(verdict, Verdict::Starting | Verdict::Is(Status::Fail));
    answer(well, &Probe::new(verdict, report))
}

fn answer(well: bool, body: &impl Serialize) -> HttpResponse {
    let mut builder = if well { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    builder.insert_header(NEVER_STORED).insert_header((CONTENT_TYPE, "application/json"));
    let mut response = builder.json(body);
    response.extensions_mut().insert(KeepBody);
    response
}
