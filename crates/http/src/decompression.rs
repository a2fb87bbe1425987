//! Compressed request bodies.

mod decoder;
mod stream;

use std::rc::Rc;

use actix_web::{
    HttpMessage,
    dev::{Payload, ServiceRequest},
    http::{
        Method,
        header::{
            CONTENT_ENCODING, CONTENT_LENGTH, ContentEncoding, HeaderMap, HeaderValue, TRANSFER_ENCODING,
        },
    },
};
use palisade_core::Error;

use crate::{
    announced::Announced,
    coders::Coders,
    extract::BodyBound,
    layer::{EarlyResponse, Hook, reject_early},
};
use stream::{Decompressed, Memory};

/// What [`Decompression`] takes, in the form of an `Accept-Encoding` header.
pub const ACCEPTED: &str = "gzip, deflate, br";

/// The layer that decompresses request bodies: `gzip`, `deflate` or `br`.
///
/// The limit of the body holds for what comes out, so that a small body that stands for a huge one is a 413. Inside, the
/// request reads as if its body had come as it is. Damaged or unfinished data is a 400; another encoding, or one upon
/// another, a 415 with `Accept-Encoding` (RFC 9110 §15.5.16).
///
/// A body is collected before it is decompressed, so that a client that sends slowly holds no decoder. The decoder, and
/// then the decompressed body until the request is answered, take memory of [`Coders`], which all requests of the process
/// share. A body that waits for it in vain is a 503 with `Retry-After`.
///
/// Place it inside of [`BodyLimit`](crate::body_limit::BodyLimit), which then bounds the size and the time of
/// what is sent as well.
#[derive(Debug, Clone)]
pub struct Decompression {
    coders: Coders,
}

impl Decompression {
    /// Decompresses with the memory of `coders`.
    #[must_use]
    pub const fn new(coders: Coders) -> Self {
        Self { coders }
    }

    fn decompress(&self, request: &mut ServiceRequest, coding: ContentEncoding) -> Memory {
        let limit = request.extensions().get::<BodyBound>().copied().unwrap_or_default().bytes;
        let (coders, memory) = (self.coders.clone(), Memory::default());
        let body = Decompressed::new(request.take_payload(), coding, limit, coders, Rc::clone(&memory));
        request.set_payload(Payload::Stream { payload: Box::pin(body) });
        let headers = request.headers_mut();
        headers.remove(CONTENT_ENCODING);
        // The length was that of what was sent. That there is a body must still be seen.
        headers.remove(CONTENT_LENGTH);
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        memory
    }
}

impl Hook for Decompression {
    /// The memory of the decompressed body, if there is one.
    type Kept<'a> = Option<Held>;

    fn before(&self, request: &mut ServiceRequest) -> Result<Option<Held>, EarlyResponse> {
        if !request.headers().contains_key(CONTENT_ENCODING) || !has_content(request) {
            return Ok(None);
        }
        match coding(request.headers()) {
            Some(ContentEncoding::Identity) => Ok(None),
            Some(coding) => Ok(Some(Held(self.decompress(request, coding)))),
            None => Err(reject_early(request, unsupported())),
        }
    }
}

/// The memory of a request, which is free for others when this is dropped.
#[derive(Debug)]
pub struct Held(Memory);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.borrow_mut().take();
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

/// How a body is encoded. `None` where that is unknown, or there are several: each would be another way to grow a
/// thousandfold.
fn coding(headers: &HeaderMap) -> Option<ContentEncoding> {
    let mut values = headers.get_all(CONTENT_ENCODING);
    let (value, more) = (values.next()?, values.next());
    let name = value.to_str().ok().filter(|_| more.is_none())?.trim();
    let known = [
        ("", ContentEncoding::Identity),
        ("identity", ContentEncoding::Identity),
        ("gzip", ContentEncoding::Gzip),
        ("x-gzip", ContentEncoding::Gzip),
        ("deflate", ContentEncoding::Deflate),
        ("br", ContentEncoding::Brotli),
    ];
    known.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, coding)| coding)
}

fn unsupported() -> Error {
    let message = "The Content-Encoding must be one of gzip, deflate and br, or none";
    Error::unsupported_media_type(message).with_header("accept-encoding", ACCEPTED)
}
