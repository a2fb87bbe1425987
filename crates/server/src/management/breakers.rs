//! `GET /breakers` and `POST /breakers/{name}/reset`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Json, Path},
};
use palisade_core::Error;
use palisade_http::Result;
use palisade_resilience::Breaker;
use serde::Serialize;
use utoipa::ToSchema;

use crate::foundation::Foundation;

/// A circuit breaker and what it has seen since the start.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BreakerState {
    /// Whom it guards.
    #[schema(example = "database")]
    name: String,
    /// `closed`, `half_open` or `open`.
    #[schema(example = "closed")]
    state: &'static str,
    /// Calls that succeeded.
    successes: u64,
    /// Calls that failed.
    failures: u64,
    /// Calls that were not let through.
    rejections: u64,
    /// How often it has opened.
    opened: u64,
}

impl BreakerState {
    fn of(breaker: &Breaker) -> Self {
        let counters = breaker.counters();
        Self {
            name: breaker.name().to_owned(),
            state: breaker.state().name(),
            successes: counters.successes,
            failures: counters.failures,
            rejections: counters.rejections,
            opened: counters.opened,
        }
    }
}

/// Every circuit breaker of the server.
#[utoipa::path(
    tag = "management",
    operation_id = "breakers",
    security(()),
    responses((status = 200, description = "Each breaker with its state", body = Vec<BreakerState>))
)]
#[get("/breakers")]
pub(super) async fn breakers(foundation: Data<Foundation>) -> Json<Vec<BreakerState>> {
    Json(foundation.breakers().map(BreakerState::of).collect())
}

/// Closes a breaker: the next call is made again. If what it guards is still lost, it opens again.
#[utoipa::path(
    tag = "management",
    operation_id = "reset_breaker",
    security(()),
    params(("name" = String, Path, description = "Whom the breaker guards")),
    responses((status = 204, description = "The breaker is closed"))
)]
#[post("/breakers/{name}/reset")]
pub(super) async fn reset(foundation: Data<Foundation>, name: Path<String>) -> Result<HttpResponse> {
    let name = name.into_inner();
    let Some(breaker) = foundation.breakers().find(|breaker| breaker.name() == name) else {
        return Err(Error::not_found("No circuit breaker has this name").into());
    };
    breaker.reset();
    tracing::warn!(breaker = name, "circuit_breaker.reset");
    Ok(HttpResponse::NoContent().finish())
}
