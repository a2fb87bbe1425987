//! The application under test: each response describes its request.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use actix_web::{
    Error, HttpRequest, HttpResponse, HttpResponseBuilder,
    http::StatusCode,
    web::{self, Bytes, Payload},
};
use futures_util::stream;

/// The header that only responses of the application have.
pub(super) const METHOD: &str = "x-method";
/// A path whose handler does not read the body.
pub(super) const IGNORE: &str = "/ignore";
/// A path whose response is chunked.
pub(super) const STREAM: &str = "/stream";

/// Maximum size of a request body.
const MOST_BYTES: usize = 256 * 1_024;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            IGNORE,
            web::to(async |request: HttpRequest| named(&request).body(described(&request, b"ignored"))),
        )
        .route(
            STREAM,
            web::to(async |request: HttpRequest, body: Payload| read(&request, body, streamed).await),
        )
        .default_service(web::to(async |request: HttpRequest, body: Payload| {
            read(&request, body, whole).await
        }));
}

/// An application that handles body errors itself.
async fn read(
    request: &HttpRequest,
    body: Payload,
    answer: fn(HttpResponseBuilder, String) -> HttpResponse,
) -> HttpResponse {
    match body.to_bytes_limited(MOST_BYTES).await {
        Ok(Ok(body)) => answer(named(request), described(request, &body)),
        Ok(Err(_)) => named(request).status(StatusCode::BAD_REQUEST).body("unreadable"),
        Err(_) => named(request).status(StatusCode::PAYLOAD_TOO_LARGE).body("too large"),
    }
}

fn whole(mut response: HttpResponseBuilder, text: String) -> HttpResponse {
    response.body(text)
}

fn streamed(mut response: HttpResponseBuilder, text: String) -> HttpResponse {
    let pieces =
        text.into_bytes().chunks(7).map(Bytes::copy_from_slice).map(Ok::<_, Error>).collect::<Vec<_>>();
    response.streaming(stream::iter(pieces))
}

/// Describes a request uniquely.
pub(super) fn description(method: &str, target: &str, body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    format!("{method} {} {} {:016x}", target.len(), body.len(), hasher.finish())
}

fn described(request: &HttpRequest, body: &[u8]) -> String {
    description(request.method().as_str(), &request.uri().to_string(), body)
}

fn named(request: &HttpRequest) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header(("x-request-id", "of-the-application"));
    response.insert_header((METHOD, request.method().as_str()));
    response
}
