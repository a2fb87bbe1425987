//! Compressed request bodies.

mod decoder;
mod stream;

use actix_web::{
    HttpMessage,
    dev::{Payload, ServiceRequest},
    http::{
        Method,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING},
    },
};
use palisade_core::Error;

use crate::{
    announced::Announced,
    extract::BodyBound,
    layer::{Answer, Hook, refusal},
};
use decoder::Decoder;
use stream::Decompressed;

/// What [`Decompression`] takes, in the form of an `Accept-Encoding` header.
pub const ACCEPTED: &str = "gzip, deflate, br";

/// The layer that decompresses request bodies as they are read: `gzip`, `deflate` or `br`.
///
/// The limit of the body holds for what comes out, so that a small body that stands for a huge one is a 413
/// after as many bytes as were allowed, in memory for a few pieces. Inside, the request reads as if its body
/// had come as it is. Damaged or unfinished data is a 400; another encoding, or one upon another, a 415 with
/// `Accept-Encoding` (RFC 9110 §15.5.16).
///
/// Place it inside of [`BodyLimit`](crate::body_limit::BodyLimit), which then bounds the size and the time of
/// what is sent as well.
#[derive(Debug, Clone, Copy, Default)]
pub struct Decompression;

impl Hook for Decompression {
    type Kept<'a> = ();

    fn before(&self, request: &mut ServiceRequest) -> Result<(), Answer> {
        if request.headers().contains_key(CONTENT_ENCODING) && has_content(request) {
            match Coding::of(request.headers()) {
                Some(Coding::Identity) => {}
                Some(Coding::Compressed(decoder)) => decompress(request, decoder),
                None => return Err(refusal(request, unsupported())),
            }
        }
        Ok(())
    }
}

/// What comes with a `GET` or `DELETE` has no meaning (RFC 9110 §9.3) and is read by nobody.
fn has_content(request: &ServiceRequest) -> bool {
    let meaningless = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS | Method::TRACE | Method::CONNECT
    );
    !meaningless && Announced::of(request.headers()) != Announced::Nothing
}

/// How a body is encoded.
enum Coding {
    Identity,
    Compressed(Decoder),
}

impl Coding {
    /// `None` where it is unknown, or there are several: each would be another way to grow a thousandfold.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(CONTENT_ENCODING);
        let (value, more) = (values.next()?, values.next());
        let name = value.to_str().ok().filter(|_| more.is_none())?.trim();
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if name.is_empty() || is("identity") {
            Some(Self::Identity)
        } else if is("gzip") || is("x-gzip") {
            Some(Self::Compressed(Decoder::gzip()))
        } else if is("deflate") {
            Some(Self::Compressed(Decoder::deflate()))
        } else if is("br") {
            Some(Self::Compressed(Decoder::brotli()))
        } else {
            None
        }
    }
}

fn decompress(request: &mut ServiceRequest, decoder: Decoder) {
    let limit = request.extensions().get::<BodyBound>().copied().unwrap_or_default().bytes;
    let body = Decompressed::new(request.take_payload(), decoder, limit);
    request.set_payload(Payload::Stream { payload: Box::pin(body) });
    let headers = request.headers_mut();
    headers.remove(CONTENT_ENCODING);
    // The length was that of what was sent. That there is a body must still be seen.
    headers.remove(CONTENT_LENGTH);
    headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
}

fn unsupported() -> Error {
    let message = "The Content-Encoding must be one of gzip, deflate and br, or none";
    Error::unsupported_media_type(message).with_header("accept-encoding", ACCEPTED)
}
