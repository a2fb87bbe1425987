//! The `/health` routes. All of them are public: an orchestrator has no credentials.
//!
//! The handlers find a [`Health`] as `web::Data<Health>`.

mod body;

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    web::Data,
};
use palisade_core::Environment;
use palisade_http::KeepBody;
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{Lifecycle, Phase, Registry, Report, Status};
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

impl AsRef<Registry> for Health {
    fn as_ref(&self) -> &Registry {
        &self.registry
    }
}

/// The address without the API prefix: `GET /health`.
pub fn configure_root(config: &mut ServiceConfig<'_>) {
    config.service(alive);
}

/// The addresses under the API prefix: `GET /health`, `/health/live`, `/health/ready`, `/health/startup`.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(summary).service(live).service(ready).service(startup);
}

/// The addresses of the management listener, which has no prefix: `GET /health` as at the root, and the
/// three probes.
pub fn configure_management(config: &mut ServiceConfig<'_>) {
    config.service(alive).service(live).service(ready).service(startup);
}

/// The program answers.
#[utoipa::path(
    tag = "health",
    operation_id = "health_alive",
    security(()),
    extensions(("x-vital" = json!(true))),
    responses((status = 200, description = "The program answers", body = Alive, example = json!({"status": "ok"})))
)]
#[get("/health")]
async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").insert_header(NEVER_STORED).body(ALIVE)
}

/// Version, environment and the state of each part, for people and dashboards. Always 200.
#[utoipa::path(
    tag = "health",
    operation_id = "health_summary",
    security(()),
    extensions(("x-vital" = json!(true))),
    responses((status = 200, description = "The state of each part", body = Summary))
)]
#[get("/health")]
async fn summary(health: Data<Health>) -> HttpResponse {
    let report = health.registry.report().await;
    answer(true, &Summary::new(health.version, health.environment, &report))
}

/// Whether the program should be left running. It asks no other part, so that a lost database never makes an
/// orchestrator kill the program, and it answers at once; `checks` tells what was last known.
#[utoipa::path(
    tag = "health",
    operation_id = "health_live",
    security(()),
    extensions(("x-vital" = json!(true))),
    responses((status = 200, description = "Alive", body = Probe))
)]
#[get("/health/live")]
async fn live(health: Data<Health>) -> HttpResponse {
    answer(true, &Probe::new(Status::Ok, &health.registry.last_known()))
}

/// Whether traffic should be sent here.
#[utoipa::path(
    tag = "health",
    operation_id = "health_ready",
    security(()),
    extensions(("x-vital" = json!(true))),
    responses(
        (status = 200, description = "Ready, maybe with a part of lesser weight lost", body = Probe),
        (status = 503, description = "Starting, draining, or a critical part is lost", body = Probe)
    )
)]
#[get("/health/ready")]
async fn ready(health: Data<Health>) -> HttpResponse {
    let report = health.registry.report().await;
    let in_traffic = health.lifecycle.phase() == Phase::Ready;
    probe(if in_traffic { report.status() } else { Status::Fail }, &report)
}

/// Whether the program has finished starting.
#[utoipa::path(
    tag = "health",
    operation_id = "health_startup",
    security(()),
    extensions(("x-vital" = json!(true))),
    responses(
        (status = 200, description = "Started", body = Probe),
        (status = 503, description = "Still starting", body = Probe)
    )
)]
#[get("/health/startup")]
async fn startup(health: Data<Health>) -> HttpResponse {
    let started = health.lifecycle.phase() > Phase::Starting;
    probe(if started { Status::Ok } else { Status::Fail }, &health.registry.last_known())
}

/// Promised byte for byte, so it is not left to a serialiser.
const ALIVE: &str = r#"{"status":"ok"}"#;

/// A probe that was answered from a cache on the way would be worse than none (RFC 9111 §5.2.2.5).
const NEVER_STORED: (actix_web::http::header::HeaderName, HeaderValue) =
    (CACHE_CONTROL, HeaderValue::from_static("no-store"));

fn probe(status: Status, report: &Report) -> HttpResponse {
    answer(status != Status::Fail, &Probe::new(status, report))
}

fn answer(well: bool, body: &impl Serialize) -> HttpResponse {
    let mut builder = if well { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    builder.insert_header(NEVER_STORED).insert_header((CONTENT_TYPE, "application/json"));
    let mut response = builder.json(body);
    response.extensions_mut().insert(KeepBody);
    response
}
