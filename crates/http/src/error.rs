//! Failures on their way to the client: a [`Rejection`] leaves the handler, a body of the catalogue reaches
//! the client.

mod actix;
mod instance;
mod negotiate;

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
#[cfg(any(feature = "log", feature = "renderer"))]
use palisade_core::ErrorKind;
use palisade_core::{
    Error, ErrorFormat,
    error::{Occurrence, render},
};

#[cfg(any(feature = "idempotency", feature = "validator"))]
pub(crate) use actix::payload as payload_error;
#[cfg(any(feature = "idempotency", feature = "limits", feature = "validator"))]
pub(crate) use actix::too_large;
#[cfg(feature = "validator")]
pub(crate) use actix::wrong_type;
pub use actix::{from_actix, from_status};
pub use instance::instance;
pub use negotiate::negotiate;

/// How the cause begins of a failure that was a panic.
#[cfg(any(feature = "metrics", feature = "panic-guard"))]
pub(crate) const PANICKED: &str = "the handler panicked";

/// What a handler returns: its answer, or the reason why there is none.
pub type Result<T, E = Rejection> = std::result::Result<T, E>;

/// A [`palisade_core::Error`] as actix-web takes it. `?` makes one of every error that converts into the
/// catalogue's.
///
/// ```
/// use palisade_core::Error;
///
/// async fn handler() -> palisade_http::Result<String> {
///     Err(Error::not_found("No such book"))?
/// }
/// ```
#[derive(Clone)]
pub struct Rejection(Error);

impl Rejection {
    /// The one that a response tells of: a handler's, or one that is left to the renderer.
    #[must_use]
    pub fn of(response: &HttpResponse) -> Option<Self> {
        let left = response.extensions().get::<Self>().cloned();
        left.or_else(|| response.error()?.as_error::<Self>().cloned())
    }

    /// The error.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.0
    }
}

impl<E: Into<Error>> From<E> for Rejection {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Whether a 5xx says that nothing is wrong but that there is more to do than is taken on: a 503 that has a reason
/// and no cause.
#[cfg(any(feature = "log", feature = "renderer"))]
pub(crate) fn is_refusal(error: &Error) -> bool {
    let has_cause = std::error::Error::source(error).is_some();
    error.kind() == ErrorKind::ServiceUnavailable && error.reason().is_some() && !has_cause
}

impl ResponseError for Rejection {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The envelope without what only the request knows. The renderer, where there is one, makes the body
    /// anew: actix-web keeps this error beside the response.
    fn error_response(&self) -> HttpResponse {
        let rendered = render(&self.0, ErrorFormat::Envelope, &Occurrence::default());
        let mut response = HttpResponse::build(self.status_code());
        for header in self.0.headers() {
            response.insert_header(header);
        }
        response.content_type(rendered.media_type).body(rendered.body)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn alone_it_is_the_envelope_with_the_errors_headers() {
        let rejection = Rejection::from(Error::unavailable("Busy", Duration::from_secs(3)));
        let response = rejection.error_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers().get("retry-after").unwrap(), "3");
        assert_eq!(response.headers().get("content-type").unwrap(), "application/json");
    }
}
