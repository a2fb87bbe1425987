//! Compressed responses.

mod accepted;
mod at_once;
mod encoder;
mod encoders;
mod streamed;
mod tags;
mod whole;
mod worth;

use std::{fmt, time::Duration};

use actix_web::{
    body::{BodySize, MessageBody as _},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{
            ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, ContentEncoding, HeaderMap,
            HeaderValue,
        },
    },
};
use palisade_core::{Error, ErrorKind};

use crate::{
    coders::Coders,
    layer::{EarlyResponse, Hook, Outcome, refused, reject_early},
    static_body::StaticBody,
    vary,
};
use accepted::Choice;
use encoders::Encoders;

/// The size of a body from which on it is compressed, where nothing else is said.
pub const DEFAULT_MIN_SIZE: u64 = 1_000;

/// The layer that compresses responses by `zstd`, `br` or `gzip`, whichever the client likes best.
///
/// All coders of the process share the memory of [`Coders`]. A body of up to 64 KiB is compressed at once, with an encoder
/// that each worker keeps. A larger one is compressed to its end before it is sent, so that a client that reads slowly holds
/// no encoder; a [`StaticBody`] once in the life of the process. A streamed body holds an encoder until it ends. Where there
/// is no memory for another encoder, the response is sent uncompressed, or is a 503 with `Retry-After` for a client that
/// refuses that (`identity;q=0`).
///
/// It compresses text in the widest sense from [`DEFAULT_MIN_SIZE`] bytes up, and leaves alone what is encoded
/// already, a part of a whole, an error, marked `no-transform`, or marked `no-store`: that holds secrets, whose
/// compressed length may give them away. A response that depends on `Accept-Encoding` says so in `Vary`. A
/// strong entity tag ends in the coding's name where the body is compressed, and conditions on such tags are
/// understood, `If-Match` included.
///
/// A client that takes neither these codings nor a body as it is (`identity;q=0`) is refused with 406 before
/// anything is done (RFC 9110 §12.5.3). Inside of a layer that answers `HEAD` by `GET`, the headers of both are
/// the same.
pub struct Compression {
    min_size: u64,
    encoders: Encoders,
}

impl Compression {
    /// Compresses bodies of at least [`DEFAULT_MIN_SIZE`] bytes, with the memory of `coders`.
    #[must_use]
    pub fn new(coders: Coders) -> Self {
        Self { min_size: DEFAULT_MIN_SIZE, encoders: Encoders::new(coders) }
    }

    /// The same, from another size on.
    #[must_use]
    pub fn min_size(self, min_size: u64) -> Self {
        Self { min_size, ..self }
    }

    fn finish(&self, mut response: ServiceResponse, &Asked { choice, held }: &Asked) -> ServiceResponse {
        if response.status() == StatusCode::NOT_MODIFIED {
            return not_modified(response, held);
        }
        let is_required = matches!(choice, Choice::Only(_));
        let is_small = match response.response().body().size() {
            BodySize::None | BodySize::Sized(0) => return response,
            BodySize::Sized(size) => size < self.min_size,
            BodySize::Stream => false,
        };
        let head = response.response().head();
        let is_worth = is_required || (!is_small && worth::is_compressible(head.headers()));
        if !is_worth || !worth::may_be_encoded(head) {
            return response;
        }
        vary::add(response.headers_mut(), &ACCEPT_ENCODING);
        match choice {
            Choice::Coding(coding) | Choice::Only(coding) => self.encode(response, coding, choice),
            Choice::Identity | Choice::Nothing => response,
        }
    }

    fn encode(&self, response: ServiceResponse, coding: ContentEncoding, choice: Choice) -> ServiceResponse {
        let (request, response) = response.into_parts();
        let known = response.extensions().get::<StaticBody>().cloned();
        let (mut response, body) = response.into_parts();
        let is_required = matches!(choice, Choice::Only(_));
        let encoded = match known {
            Some(known) => match self.encoders.encode_static(body, &known, coding) {
                Err(body) if is_required => self.encoders.encode(body, coding),
                encoded => encoded,
            },
            None => self.encoders.encode(body, coding),
        };
        let response = match encoded {
            Ok(body) => {
                describe(response.headers_mut(), coding);
                response.set_body(body)
            }
            Err(_) if is_required => refused(&request, busy().into()),
            Err(body) => response.set_body(body),
        };
        ServiceResponse::new(request, response)
    }
}

impl fmt::Debug for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compression").field("min_size", &self.min_size).finish_non_exhaustive()
    }
}

/// What a request asks for.
#[derive(Debug)]
pub struct Asked {
    choice: Choice,
    /// The coding of what the client has.
    held: Option<ContentEncoding>,
}

impl Hook for Compression {
    type Kept<'a> = Asked;

    fn before(&self, request: &mut ServiceRequest) -> Result<Asked, EarlyResponse> {
        let choice = Choice::of(request.headers());
        if choice == Choice::Nothing {
            let error =
                Error::new(ErrorKind::NotAcceptable, "Accept-Encoding leaves nothing that can be sent");
            return Err(reject_early(request, error));
        }
        Ok(Asked { choice, held: tags::strip_conditions(request.headers_mut()) })
    }

    fn after(&self, asked: Asked, outcome: Outcome) -> Outcome {
        outcome.map(|response| self.finish(response, &asked))
    }
}

/// A 304 names the bytes that the client has, and what the whole response depends on (RFC 9110 §15.4.5).
fn not_modified(mut response: ServiceResponse, held: Option<ContentEncoding>) -> ServiceResponse {
    vary::add(response.headers_mut(), &ACCEPT_ENCODING);
    if let Some(coding) = held {
        tags::mark(response.headers_mut(), coding);
    }
    response
}

fn describe(headers: &mut HeaderMap, coding: ContentEncoding) {
    tags::mark(headers, coding);
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.as_str()));
    headers.remove(CONTENT_LENGTH);
    // Ranges would count bytes of the other form.
    headers.remove(ACCEPT_RANGES);
}

fn busy() -> Error {
    Error::unavailable("The server is compressing as many responses as it can", RETRY_AFTER)
}

/// A coder is held for as long as it computes.
const RETRY_AFTER: Duration = Duration::from_secs(1);
