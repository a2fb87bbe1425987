//! Compressed responses.

mod accepted;
mod tags;
mod worth;

use actix_http::encoding::Encoder;
use actix_web::{
    body::{BodySize, BoxBody, MessageBody as _},
    dev::{ResponseHead, ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_LENGTH, ContentEncoding, HeaderValue, VARY},
    },
};
use palisade_core::{Error, Kind};

use crate::layer::{Answer, Hook, Outcome, refusal};
use accepted::Choice;

/// The size of a body from which on it is compressed, where nothing else is said.
pub const DEFAULT_MIN_SIZE: u64 = 1_000;

/// The layer that compresses responses by `zstd`, `br` or `gzip`, whichever the client likes best.
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
#[derive(Debug, Clone, Copy)]
pub struct Compression {
    min_size: u64,
}

impl Compression {
    /// Compresses bodies of at least [`DEFAULT_MIN_SIZE`] bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self { min_size: DEFAULT_MIN_SIZE }
    }

    /// The same, from another size on.
    #[must_use]
    pub const fn min_size(self, min_size: u64) -> Self {
        Self { min_size }
    }

    fn finish(self, response: ServiceResponse, &Asked { choice, held }: &Asked) -> ServiceResponse {
        if response.status() == StatusCode::NOT_MODIFIED {
            return not_modified(response, held);
        }
        let required = matches!(choice, Choice::Only(_));
        let is_small = match response.response().body().size() {
            BodySize::None | BodySize::Sized(0) => return response,
            BodySize::Sized(size) => size < self.min_size,
            BodySize::Stream => false,
        };
        let head = response.response().head();
        let worth = required || (!is_small && worth::is_compressible(head.headers()));
        if !worth || !worth::may_be_encoded(head) {
            return response;
        }
        response.map_body(|head, body| encode(head, body, choice))
    }
}

/// What a request asks for.
#[derive(Debug)]
pub struct Asked {
    choice: Choice,
    /// The coding of what the client has.
    held: Option<ContentEncoding>,
}

impl Default for Compression {
    fn default() -> Self {
        Self::new()
    }
}

impl Hook for Compression {
    type Kept<'a> = Asked;

    fn before(&self, request: &mut ServiceRequest) -> Result<Asked, Answer> {
        let choice = Choice::of(request.headers());
        if choice == Choice::Nothing {
            let error = Error::new(Kind::NotAcceptable, "Accept-Encoding leaves nothing that can be sent");
            return Err(refusal(request, error));
        }
        Ok(Asked { choice, held: tags::strip_conditions(request.headers_mut()) })
    }

    fn after(&self, asked: Asked, outcome: Outcome) -> Outcome {
        outcome.map(|response| self.finish(response, &asked))
    }
}

/// A 304 names the bytes that the client has, and what the whole response depends on (RFC 9110 §15.4.5).
fn not_modified(mut response: ServiceResponse, held: Option<ContentEncoding>) -> ServiceResponse {
    response.headers_mut().append(VARY, HeaderValue::from(ACCEPT_ENCODING));
    if let Some(coding) = held {
        tags::mark(response.headers_mut(), coding);
    }
    response
}

fn encode(head: &mut ResponseHead, body: BoxBody, choice: Choice) -> BoxBody {
    let (Choice::Coding(coding) | Choice::Only(coding)) = choice else {
        head.headers_mut().append(VARY, HeaderValue::from(ACCEPT_ENCODING));
        return body;
    };
    let headers = head.headers_mut();
    tags::mark(headers, coding);
    headers.remove(CONTENT_LENGTH);
    // Ranges would count bytes of the other form.
    headers.remove(ACCEPT_RANGES);
    // It sets `Content-Encoding` and `Vary`, and works on another thread where there is much to do.
    BoxBody::new(Encoder::response(coding, head, body))
}
