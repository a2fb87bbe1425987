//! What URLs and bodies may look like.

mod media_types;
mod path;
mod target;

use actix_web::{
    dev::ServiceRequest,
    http::{ConnectionType, Method, header::CONTENT_TYPE},
};
use palisade_core::Error;

use crate::{
    announced::Announced,
    layer::{EarlyResponse, Hook, reject_early},
};
pub use media_types::{InvalidMediaType, MediaTypes};

/// The most bytes of an address where nothing else is said; RFC 9110 §4.1 asks for 8,000 at least.
pub const DEFAULT_MAX_URL_LENGTH: usize = 8_192;

/// The layer that lets an address through only if everybody reads it alike, and a body only if its type is one
/// that the method takes.
///
/// An address is spelled once before anything decides by it: an escaped letter becomes the letter, a whole
/// address (`http://host/path`) its path. What a proxy, the router and a rule for a part of the tree could read
/// differently is a 400: broken or doubled escapes, NUL and other control characters, backslashes and encoded
/// slashes, empty and dot segments, semicolons, bytes that are no UTF-8. An address over the longest is a 414.
///
/// A body of another type than the method takes is a 415. Where a method was given no types, as `GET` should not
/// be, a body has no meaning (RFC 9110 §9.3.1): it is left unread, whatever it is.
///
/// Wrap the whole app in it: the router must not have seen the request yet.
#[derive(Debug, Clone)]
pub struct Content {
    null_bytes: NullBytes,
    longest: usize,
    types: Vec<(Method, MediaTypes)>,
}

/// What becomes of `%00` in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullBytes {
    /// 400.
    Refused,
    /// It is a character like any other.
    Taken,
}

impl Content {
    /// Refuses NUL and addresses over [`DEFAULT_MAX_URL_LENGTH`]; no method has types yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { null_bytes: NullBytes::Refused, longest: DEFAULT_MAX_URL_LENGTH, types: Vec::new() }
    }

    /// The same, with bodies of these types on requests with this method.
    #[must_use]
    pub fn with_types(mut self, method: Method, types: MediaTypes) -> Self {
        self.types.retain(|(known, _)| *known != method);
        self.types.push((method, types));
        self
    }

    /// The same, for addresses of up to `longest` bytes.
    #[must_use]
    pub fn max_url_length(self, longest: usize) -> Self {
        Self { longest, ..self }
    }

    /// The same, doing this with NUL.
    #[must_use]
    pub fn null_bytes(self, null_bytes: NullBytes) -> Self {
        Self { null_bytes, ..self }
    }

    fn check_body(&self, request: &ServiceRequest) -> Result<(), Error> {
        if Announced::of(request.headers()) == Announced::Nothing {
            return Ok(());
        }
        let Some((_, types)) = self.types.iter().find(|(method, _)| method == request.method()) else {
            return Ok(());
        };
        let mut values = request.headers().get_all(CONTENT_TYPE);
        match (values.next(), values.next()) {
            (Some(value), None) if types.contain(value) => Ok(()),
            _ => {
                let message = format!("The Content-Type must be one of {types}");
                Err(Error::unsupported_media_type(message).with_header("accept", types.to_string()))
            }
        }
    }
}

impl Default for Content {
    fn default() -> Self {
        Self::new()
    }
}

impl Hook for Content {
    type Kept<'a> = ();

    fn before(&self, request: &mut ServiceRequest) -> Result<(), EarlyResponse> {
        match target::canonical(request.head(), self.longest, self.null_bytes) {
            Ok(None) => {}
            Ok(Some(uri)) => {
                request.match_info_mut().get_mut().update(&uri);
                request.head_mut().uri = uri;
            }
            Err(error) => return Err(refuse_and_close(request, error)),
        }
        self.check_body(request).map_err(|error| reject_early(request, error))
    }
}

/// Whoever spells an address so does not speak HTTP as we do; what follows on the connection is not to be trusted.
fn refuse_and_close(request: &ServiceRequest, error: Error) -> EarlyResponse {
    let mut response = reject_early(request, error);
    if let Ok(response) = &mut *response {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    response
}
