//! The application that cases meet: it says of each request what it is.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use actix_web::{
    Error, HttpRequest, HttpResponse, HttpResponseBuilder,
    http::StatusCode,
    web::{self, Bytes, Payload},
};
use futures_util::stream;

/// The header that tells an answer of the application from one of the server.
pub(super) const METHOD: &str = "x-method";
/// A path whose handler does not look at the body.
pub(super) const IGNORE: &str = "/ignore";
/// A path whose answer is sent in chunks.
pub(super) const STREAM: &str = "/stream";

/// The longest body it reads.
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

/// An application that answers for itself when it cannot read a body.
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

/// What an answer says of a request: enough to tell it from every other.
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
