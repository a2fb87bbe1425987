//! A server with a handler that is written for the crate `tracing-actix-web`.

use std::process::ExitCode;

use actix_web::{dev::ServiceRequest, get, web::Path};
use palisade_core::RequestId as OurRequestId;
use palisade_http::request_span;
use palisade_server::{Domain, Server};
use tracing::{Span, field::Empty};
use tracing_actix_web::{RequestId, RootSpan};

/// The span of a request, with a field that handlers record.
fn span(request: &ServiceRequest, request_id: &OurRequestId) -> Span {
    request_span!(request, request_id, "order.number" = Empty)
}

/// Show an order
#[utoipa::path(
    tag = "orders",
    security(()),
    params(("number" = u32, Path, description = "Its number", example = 7)),
    responses((status = 200, description = "The id of the request", body = String, content_type = "text/plain"))
)]
#[get("/orders/{number}")]
async fn order(span: RootSpan, request_id: RequestId, number: Path<u32>) -> String {
    span.record("order.number", *number);
    request_id.to_string()
}

fn main() -> ExitCode {
    let orders = Domain::new("orders").tags(&[("orders", "What was ordered.")]).routes(|config| {
        config.service(order);
    });
    Server::new("traced")
        .version(env!("CARGO_PKG_VERSION"))
        .domain(orders)
        .request_span(span)
        .root_spans()
        .main()
}
