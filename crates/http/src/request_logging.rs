//! What clients send and what they get, with whatever is personal or secret masked, for whoever looks for a fault.
//!
//! ```
//! use actix_web::App;
//! use palisade_http::{Layer, request_logging::RequestLogging};
//! use palisade_telemetry::Masker;
//!
//! let logging = RequestLogging::new(Masker::default()).max_body_size(2_000).except(&["/health".to_owned()]);
//! let app = App::new().wrap(logging.layered());
//! # let _ = app;
//! ```

mod capture;
mod edge;
mod event;
mod exchange;
mod headers;
mod media;

use actix_web::dev::ServiceRequest;
use palisade_telemetry::{Masker, mask::MAX_BYTES};

use crate::{
    layer::{EarlyResponse, Hook, Outcome},
    routes::{is_at, pattern_of},
};
pub use exchange::Exchange;

/// How much of a body is shown where nothing else is said, in bytes.
pub const DEFAULT_MAX_BODY_SIZE: usize = 10_000;

/// The layer that logs each request and its answer as two INFO events of the target `http.exchange`. Where nobody
/// listens to those, it costs that question and nothing else.
///
/// `http.exchange.request` has `method`, `path`, `query`, `headers` (a JSON object), `body`, `body_bytes` and
/// `truncated`. A segment of the path whose parameter names a secret is shown by its pattern: `/setup/{token}`. The
/// event is written when the body has been read, has broken off or is dropped, by whoever held it; of a request without
/// a body at once. `http.exchange.response` has `status`, `headers`, `body`, `body_bytes`, `truncated`, `duration_ms`,
/// and of an error its `code` and `reason`. It is written at once when the body lies in memory, else when the stream
/// has ended, broken off or is dropped. Both name `request_id` and `trace_id`, and say `incomplete` where the body did
/// not come to its end; a response that never began, because its client has gone or its handler panicked, has no
/// `status`.
///
/// Bodies pass untouched, piece by piece: what is shown is copied meanwhile, up to a limit. Shown are JSON, forms, XML
/// and text in UTF-8; of others the type and the length. A body that is cut loses the word that it ends in, which may be
/// half of something secret, and then is masked as text.
///
/// Headers are those that pass here, and so are bodies: place it inside of what decompresses requests and compresses
/// responses. A layer around the application knows the routes to [leave out](Self::except) as well as one within.
#[derive(Debug, Clone)]
pub struct RequestLogging {
    masker: Masker,
    max_body_size: usize,
    exceptions: Vec<String>,
}

impl RequestLogging {
    /// Logs what passes, masked by `masker`, and of each body up to [`DEFAULT_MAX_BODY_SIZE`] bytes.
    #[must_use]
    pub const fn new(masker: Masker) -> Self {
        Self { masker, max_body_size: DEFAULT_MAX_BODY_SIZE, exceptions: Vec::new() }
    }

    /// The same, showing up to so many bytes of each body; at most [`MAX_BYTES`], beyond which nothing is masked, and
    /// with 0 none.
    #[must_use]
    pub fn max_body_size(self, bytes: usize) -> Self {
        Self { max_body_size: bytes.min(MAX_BYTES), ..self }
    }

    /// The same, never for the routes with these patterns and those below them.
    #[must_use]
    pub fn except(mut self, patterns: &[String]) -> Self {
        self.exceptions.extend_from_slice(patterns);
        self
    }

    /// By the pattern that the router matches, never by how a client has spelled the path.
    fn is_exempt(&self, request: &ServiceRequest) -> bool {
        !self.exceptions.is_empty()
            && pattern_of(request)
                .is_some_and(|pattern| self.exceptions.iter().any(|place| is_at(place, &pattern)))
    }
}

impl Hook for RequestLogging {
    type Kept<'a> = Option<Exchange<'a>>;

    fn before(&self, request: &mut ServiceRequest) -> Result<Option<Exchange<'_>>, EarlyResponse> {
        let told = event::is_heard() && !self.is_exempt(request);
        Ok(told.then(|| Exchange::begin(self, request)))
    }

    fn after(&self, exchange: Option<Exchange<'_>>, outcome: Outcome) -> Outcome {
        match exchange {
            Some(exchange) => exchange.answered(outcome),
            None => outcome,
        }
    }
}
