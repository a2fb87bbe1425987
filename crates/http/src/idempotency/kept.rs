//! An answer on its way into the store, and out of it.

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue},
    },
};
use bytes::Bytes;
use palisade_core::ErrorKind;
use palisade_idempotency::StoredResponse;

use super::{About, IDEMPOTENCY_REPLAYED, headers, refused::Refused};
use crate::Rejection;

/// The response for its client, and what is kept of it, if it is of a kind to be kept.
pub(super) fn keep(response: HttpResponse, max_bytes: usize) -> (HttpResponse, Option<StoredResponse>) {
    if is_secret(response.headers()) {
        return (response, None);
    }
    if let Some(error) = response.error() {
        let refused = error.as_error::<Rejection>().and_then(|rejection| Refused::of(rejection.error()));
        let body = refused.and_then(|refused| serde_json::to_vec(&refused).ok()).map(Bytes::from);
        let status = response.status().as_u16();
        let answer = body.map(|body| StoredResponse { status, headers: Vec::new(), body, about: None });
        return (response, answer.filter(|answer| answer.size() <= max_bytes));
    }
    let status = response.status();
    let lasting = status.is_success() || (status.is_redirection() && status != StatusCode::NOT_MODIFIED);
    if !lasting || !fits(response.body().size(), max_bytes) {
        return (response, None);
    }
    let about = response.extensions().get::<About>().map(|About(user)| *user);
    let (response, body) = response.into_parts();
    match body.try_into_bytes() {
        Ok(body) => {
            let answer =
                StoredResponse { status: status.as_u16(), headers: lines(response.headers()), body, about };
            let response = response.set_body(BoxBody::new(answer.body.clone()));
            (response, Some(answer).filter(|answer| answer.size() <= max_bytes))
        }
        Err(stream) => (response.set_body(stream), None),
    }
}

/// The kept answer as a response.
pub(super) fn replay(answer: &StoredResponse) -> HttpResponse {
    let mut response = stored(answer);
    response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    response
}

fn stored(answer: &StoredResponse) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_client_error() || status.is_server_error() {
        let error = match serde_json::from_slice::<Refused>(&answer.body) {
            Ok(refused) => refused.into_error(answer.status),
            Err(_) => ErrorKind::from_status(answer.status).into(),
        };
        let rejection = actix_web::Error::from(Rejection::from(error));
        return HttpResponse::from_error(rejection);
    }
    let mut response = HttpResponse::with_body(status, BoxBody::new(answer.body.clone()));
    for (name, value) in &answer.headers {
        let pair = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value));
        if let (Ok(name), Ok(value)) = pair {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn lines(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    let kept = headers.iter().filter(|(name, _)| headers::is_kept(name));
    kept.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

/// Whether the answer may lie in no store (RFC 9111 §5.2.2.5), as one with tokens in it (RFC 6749 §5.1).
fn is_secret(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(CACHE_CONTROL).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|directive| directive.trim().eq_ignore_ascii_case("no-store"))
}

fn fits(size: BodySize, max_bytes: usize) -> bool {
    match size {
        BodySize::None => true,
        BodySize::Sized(bytes) => usize::try_from(bytes).is_ok_and(|bytes| bytes <= max_bytes),
        BodySize::Stream => false,
    }
}
