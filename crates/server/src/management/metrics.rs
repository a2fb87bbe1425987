//! `GET /metrics`.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{ACCEPT, VARY},
    web::Data,
};
use palisade_core::Error;
use palisade_http::Result;
use palisade_telemetry::{Mode, prometheus::Exposition};

use crate::foundation::Foundation;

/// Everything that is measured, for Prometheus: OpenMetrics with exemplars for who accepts it, else plain text.
#[utoipa::path(
    tag = "management",
    operation_id = "metrics",
    security(()),
    responses((status = 200, description = "What was measured", content_type = "text/plain", body = String))
)]
#[get("/metrics")]
pub(super) async fn metrics(foundation: Data<Foundation>, request: HttpRequest) -> Result<HttpResponse> {
    let registry = foundation.observability().registry.as_ref();
    let Some(registry) = registry.filter(|_| foundation.settings().telemetry.has(Mode::Prometheus)) else {
        return Err(Error::not_found("Metrics are off: TELEMETRY_MODE does not name `prometheus`").into());
    };
    let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let exposition = Exposition::for_accept(accept);
    Ok(HttpResponse::Ok()
        .content_type(exposition.content_type())
        .insert_header((VARY, "accept"))
        .body(exposition.write(&registry.read())))
}
