//! The line of one request.

use std::{rc::Rc, time::Instant};

use actix_web::{
    Error, HttpRequest,
    body::{BodySize, MessageBody},
    dev::ServiceResponse,
    http::Method,
};
use tracing::Level;

use super::RequestLog;
use crate::{
    KeepBody, Rejection,
    error::is_refusal,
    logged::{CLIENT_CLOSED_REQUEST, OverPolicy, UNMATCHED, millis},
    routes::{Answered, Route},
    snapshot::RequestSnapshot,
    text::Text,
};

#[cfg(feature = "geoip")]
use crate::geoip::Country;
#[cfg(not(feature = "geoip"))]
use std::convert::Infallible as Country;

/// A line that is written when the request is done, or dropped.
pub struct Line<'a> {
    log: &'a RequestLog,
    snapshot: Rc<RequestSnapshot>,
    start: Instant,
    written: bool,
}

#[derive(Default)]
struct Outcome<'a> {
    status: u16,
    route: Option<&'a str>,
    code: Option<&'a str>,
    reason: Option<&'a str>,
    policy: Option<&'a str>,
    bytes: Option<u64>,
    aborted: Option<bool>,
    country: Option<Country>,
    /// Whether the status is part of what is promised, such as a probe's 503, or a full server's.
    promised: bool,
}

impl<'a> Line<'a> {
    pub(super) fn begin(log: &'a RequestLog, snapshot: Rc<RequestSnapshot>) -> Self {
        snapshot.tell(|| {
            tracing::debug!(
                target: "http.request",
                method = snapshot.method().as_str(),
                request_id = snapshot.request_id(),
                "http.request.start"
            );
        });
        Self { log, snapshot, start: Instant::now(), written: false }
    }

    pub(super) fn answered<B: MessageBody>(mut self, response: &ServiceResponse<B>) {
        let extensions = response.response().extensions();
        let error = extensions.get::<Rejection>().map(Rejection::error);
        let route = Answered::of(response.request());
        let policy = extensions.get::<OverPolicy>();
        self.write(&Outcome {
            status: response.status().as_u16(),
            route: route.as_ref().map(Answered::pattern),
            code: error.map(|error| error.kind().code()),
            reason: error.and_then(palisade_core::Error::reason),
            policy: policy.map(|OverPolicy(name)| name.as_str()),
            bytes: match response.response().body().size() {
                // Its size is that of a body which is not sent.
                _ if *self.snapshot.method() == Method::HEAD => Some(0),
                BodySize::None => Some(0),
                BodySize::Sized(bytes) => Some(bytes),
                BodySize::Stream => None,
            },
            aborted: None,
            country: country(response.request()),
            promised: extensions.get::<KeepBody>().is_some() || error.is_some_and(is_refusal),
        });
    }

    pub(super) fn failed(mut self, error: &Error) {
        let status = error.as_response_error().status_code().as_u16();
        self.write(&Outcome { status, ..Outcome::default() });
    }

    fn write(&mut self, outcome: &Outcome<'_>) {
        self.written = true;
        let route = self.route(outcome);
        let client_ip = self.snapshot.client_ip().map(|address| {
            let mut text = Text::<39>::new();
            text.push_address(address);
            text
        });
        let took = self.start.elapsed();
        let is_slow = self.log.slow_after.is_some_and(|limit| took > limit);
        let trace_id = self.snapshot.trace_id();
        macro_rules! event {
            ($level:expr) => {
                tracing::event!(
                    target: "http.request",
                    $level,
                    method = self.snapshot.method().as_str(),
                    route,
                    status = outcome.status,
                    duration_ms = millis(took),
                    client_ip = client_ip.as_ref().map(Text::as_str),
                    request_id = self.snapshot.request_id(),
                    trace_id = trace_id.as_deref(),
                    code = outcome.code,
                    reason = outcome.reason,
                    policy = outcome.policy,
                    bytes = outcome.bytes,
                    aborted = outcome.aborted,
                    slow = is_slow.then_some(true),
                    country = outcome.country.map(tracing::field::display),
                    "http.request"
                )
            };
        }
        self.snapshot.tell(|| match outcome.status {
            500.. if !outcome.promised => event!(Level::ERROR),
            401 | 403 | 429 | 500.. => event!(Level::WARN),
            _ if is_slow => event!(Level::WARN),
            _ => event!(Level::INFO),
        });
    }

    /// The route that actix-web matched; of a lost request, the one its path falls under.
    fn route<'b>(&'b self, outcome: &'b Outcome<'_>) -> &'b str {
        let by_path = || self.log.routes.as_deref()?.find(self.snapshot.path()).map(Route::pattern);
        outcome.route.or_else(by_path).unwrap_or(UNMATCHED)
    }
}

impl Drop for Line<'_> {
    /// The future of the request was dropped before it was done: its client has gone.
    fn drop(&mut self) {
        if !self.written {
            let (status, aborted) = (CLIENT_CLOSED_REQUEST, Some(true));
            self.write(&Outcome { status, aborted, ..Outcome::default() });
        }
    }
}

/// Where the client is, if the layer that finds out is there.
#[cfg(feature = "geoip")]
fn country(request: &HttpRequest) -> Option<Country> {
    actix_web::HttpMessage::extensions(request).get().copied()
}

#[cfg(not(feature = "geoip"))]
const fn country(_: &HttpRequest) -> Option<Country> {
    None
}
