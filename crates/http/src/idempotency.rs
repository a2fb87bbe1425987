//! `Idempotency-Key`: the first answer is given again to whoever repeats the request
//! (draft-ietf-httpapi-idempotency-key-header-07).

mod headers;
mod kept;
mod refused;

use std::sync::Arc;

use actix_web::{
    HttpMessage, HttpResponse,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{CONTENT_TYPE, HeaderName, IF_MATCH},
};
use bytes::Bytes;
use futures_util::{future::ready, stream};
use palisade_core::{Principal, Subject, UserId};
use palisade_idempotency::{Begun, Caller, Error, Idempotency, IdempotencyKey, Request, Ticket};

use crate::{
    Layer,
    client_address::ClientIp,
    extract::read_body,
    layer::{Next, Outcome, refuse},
};

/// The request's header.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// `true` on an answer that was given before.
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Whose data an answer shows. A handler notes it, so that the answer is not kept for longer than that user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About(pub UserId);

impl About {
    /// Notes it on an answer.
    pub fn note(self, response: &mut HttpResponse) {
        response.extensions_mut().insert(self);
    }
}

/// The layer that carries out a request with an `Idempotency-Key` once, on the methods that change something. It stands
/// inside of authentication, because an answer is given again to its own caller only: the
/// [`Principal`] in the request's extensions, or else the client's address.
///
/// The first request with a key goes on. The same one again gets the same answer, marked `Idempotency-Replayed: true`,
/// for as long as [`Idempotency`] keeps it; while the first is in progress it gets a 409 with `Retry-After`. Another
/// request with the key is a 422, a malformed key a 400, and a caller who had more rights then gets a 403. Requests without the header pay one look-up.
///
/// Kept are the answers that a repetition must not change: 2xx, 3xx, and 404, 409 and 410 as the handler raised them.
/// After any other failure nothing was done, or nobody knows, and trying again is what the client should do: the key is
/// free. Never kept is what `Cache-Control: no-store` keeps out of every store, such as an answer with tokens in it;
/// nor an answer that is streamed or too large. A replay has no `Set-Cookie`, and whatever belongs to one exchange, as
/// `X-Request-ID` does, is its own.
#[derive(Debug, Clone)]
pub struct IdempotencyKeys {
    idempotency: Idempotency,
    max_response_bytes: usize,
}

impl IdempotencyKeys {
    /// The largest answer that is kept where nothing else is said, in bytes.
    pub const DEFAULT_MAX_RESPONSE_BYTES: usize = 256 * 1024;

    /// A layer by these rules.
    #[must_use]
    pub const fn new(idempotency: Idempotency) -> Self {
        Self { idempotency, max_response_bytes: Self::DEFAULT_MAX_RESPONSE_BYTES }
    }

    /// The same, keeping answers of up to so many bytes, headers and body.
    #[must_use]
    pub fn keep_up_to(self, bytes: usize) -> Self {
        Self { max_response_bytes: bytes, ..self }
    }

    async fn with_key<N: Next>(&self, mut request: ServiceRequest, next: N) -> Outcome {
        match self.begin(&mut request).await {
            Ok(Begun::First(ticket)) => self.first(ticket, next.call(request).await).await,
            // Not `into_response`, which would lose the error that the renderer looks for.
            Ok(Begun::Again(answer)) => {
                Ok(ServiceResponse::new(request.into_parts().0, kept::replay(&answer)))
            }
            Err(error) => refuse(request, error),
        }
    }

    /// Reads the body, which is part of what makes the request this one, and puts it back for the handler.
    async fn begin(&self, request: &mut ServiceRequest) -> Result<Begun, Error> {
        let key = key(request)?;
        let payload = request.take_payload();
        let body = read_body(request.request(), payload).await?;
        request.set_payload(payload_of(body.clone()));
        let principal = request.extensions().get::<Principal>().cloned();
        let caller = match principal.as_ref().map(|principal| &principal.subject) {
            Some(Subject::User(id)) => Caller::User(*id),
            Some(Subject::External(name)) => Caller::External(Arc::clone(name)),
            None => Caller::Client(ClientIp::of(request.request()).0),
        };
        let content_type = request.headers().get(CONTENT_TYPE).map(AsRef::as_ref);
        let mut content = vec![request.query_string().as_bytes(), content_type.unwrap_or_default(), &body];
        // A change meant for another version is another change.
        content.extend(request.headers().get_all(IF_MATCH).map(AsRef::<[u8]>::as_ref));
        let (method, path) = (request.method().as_str(), request.match_info().as_str());
        let principal = principal.as_ref();
        self.idempotency
            .begin(&Request { caller, principal, method, path, key: &key, content: &content })
            .await
    }

    async fn first(&self, ticket: Ticket, outcome: Outcome) -> Outcome {
        let (request, response) = match outcome {
            Ok(response) => response.into_parts(),
            Err(error) => {
                ticket.free().await;
                return Err(error);
            }
        };
        let (response, answer): (HttpResponse, _) = kept::keep(response, self.max_response_bytes);
        match answer {
            Some(answer) => ticket.keep(&answer).await,
            None => ticket.free().await,
        }
        Ok(ServiceResponse::new(request, response))
    }
}

impl Layer for IdempotencyKeys {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        if request.method().is_safe() || !request.headers().contains_key(IDEMPOTENCY_KEY) {
            return next.call(request).await;
        }
        // In a box of its own, so that other requests do not carry its size.
        Box::pin(self.with_key(request, next)).await
    }
}

fn key(request: &ServiceRequest) -> Result<IdempotencyKey, Error> {
    let mut lines = request.headers().get_all(IDEMPOTENCY_KEY);
    match (lines.next().and_then(|line| line.to_str().ok()), lines.next()) {
        (Some(key), None) => key.parse(),
        _ => Err(Error::InvalidKey),
    }
}

fn payload_of(body: Bytes) -> Payload {
    if body.is_empty() {
        return Payload::None;
    }
    Payload::Stream { payload: Box::pin(stream::once(ready(Ok(body)))) }
}
