//! Cross-origin requests (the protocol of <https://fetch.spec.whatwg.org/#http-cors-protocol>).
//!
//! Closed unless origins are allowed, and then by two layers of one [`Cors`]: the outer one puts the headers on every
//! response, so that a script of an allowed origin can read why it was refused, whichever layer refused it; the inner
//! one answers preflight requests, so that they are bounded like others and reach neither rate limits nor access.
//!
//! ```
//! use palisade_http::{Layer, cors::{Cors, Origins}};
//!
//! let cors = Cors::new(Origins::parse(&["https://app.example.com"]).unwrap());
//! let app = actix_web::App::new().wrap(cors.headers().then(cors.preflights()).layered());
//! # let _ = app;
//! ```
//!
//! This keeps scripts of other pages from reading answers; it is no guard against requests. A request of a disallowed
//! origin is served, as one without an origin is, and carries no permission to read the answer.

mod headers;
mod origins;
mod preflight;

use std::{sync::Arc, time::Duration};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, ORIGIN};

pub use headers::CorsHeaders;
pub use origins::{InvalidOrigin, Origins};
pub use preflight::Preflights;

/// The request headers that scripts may set, unless told otherwise; a few more are always allowed by the standard.
pub const ALLOWED_HEADERS: [&str; 9] = [
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "traceparent",
    "tracestate",
    "x-api-key",
    "x-request-id",
];

/// The response headers that scripts may read, beyond those that the standard lets them always.
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static(
    "deprecation, etag, idempotency-replayed, link, location, ratelimit, ratelimit-policy, retry-after, sunset, \
     www-authenticate, x-process-time, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-request-id",
);

/// Who may read answers from scripts, and what scripts may send. Clones share it.
#[derive(Debug, Clone)]
pub struct Cors(Arc<Rules>);

#[derive(Debug, Clone)]
struct Rules {
    origins: Origins,
    credentials: bool,
    allowed_headers: HeaderValue,
    max_age: HeaderValue,
}

/// A combination that no browser takes, or that would let every page act for whoever visits it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCors {
    /// Any origin, with credentials.
    #[error("`*` together with credentials would let every page act for its visitors; name the origins")]
    AnyOriginWithCredentials,
    /// Not the name of a request header. `*` is none: it would not stand for `Authorization`.
    #[error("`{0}` is no name of a header")]
    Header(String),
}

impl Cors {
    /// Rules that allow these origins, without credentials, with [`ALLOWED_HEADERS`], remembered for ten minutes.
    #[must_use]
    pub fn new(origins: Origins) -> Self {
        let rules = Rules {
            origins,
            credentials: false,
            allowed_headers: HeaderValue::from_static(""),
            max_age: HeaderValue::from(600),
        };
        let cors = Self(Arc::new(rules));
        cors.clone().allow_headers(&ALLOWED_HEADERS).unwrap_or(cors)
    }

    /// The same for requests with cookies, client certificates or the browser's own `Authorization`.
    ///
    /// # Errors
    /// When any origin is allowed.
    pub fn with_credentials(self) -> Result<Self, InvalidCors> {
        if self.0.origins.is_any() {
            return Err(InvalidCors::AnyOriginWithCredentials);
        }
        Ok(self.with(|rules| rules.credentials = true))
    }

    /// The same, letting scripts send these request headers.
    ///
    /// # Errors
    /// The first that is no header's name.
    pub fn allow_headers<T: AsRef<str>>(self, names: &[T]) -> Result<Self, InvalidCors> {
        let name = |name: &T| {
            let parsed = HeaderName::try_from(name.as_ref()).ok().filter(|parsed| parsed != "*");
            parsed.map(|name| name.to_string()).ok_or_else(|| InvalidCors::Header(name.as_ref().to_owned()))
        };
        let list = names.iter().map(name).collect::<Result<Vec<_>, _>>()?.join(", ");
        let list = HeaderValue::try_from(list).map_err(|_| InvalidCors::Header(String::new()))?;
        Ok(self.with(|rules| rules.allowed_headers = list))
    }

    /// The same, letting browsers remember an answered preflight for so long. They cap it: at two hours or a day.
    #[must_use]
    pub fn remembered_for(self, time: Duration) -> Self {
        self.with(|rules| rules.max_age = HeaderValue::from(time.as_secs()))
    }

    /// The layer that puts the headers on every response. It belongs outside of whatever may refuse a request.
    #[must_use]
    pub fn headers(&self) -> CorsHeaders {
        CorsHeaders::new(self.clone())
    }

    /// The layer that answers preflight requests. It belongs outside of rate limits and access.
    #[must_use]
    pub fn preflights(&self) -> Preflights {
        Preflights::new(self.clone())
    }

    fn with(mut self, change: impl FnOnce(&mut Rules)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl Rules {
    /// What `Access-Control-Allow-Origin` says to a request with these headers, if it may be said at all. Of several
    /// `Origin`s none can be trusted to be the one that the browser meant.
    fn allowed(&self, headers: &HeaderMap) -> Option<&HeaderValue> {
        let mut lines = headers.get_all(ORIGIN);
        let origin = lines.next()?;
        if lines.next().is_some() { None } else { self.origins.answer(origin) }
    }
}
