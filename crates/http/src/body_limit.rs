//! A bound on request bodies.

mod paths;

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::{
    HttpMessage,
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    http::{ConnectionType, StatusCode},
};
use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Sleep, sleep};

use crate::{
    announced::Announced,
    error::too_large,
    extract::{BodyBound, DEFAULT_JSON_DEPTH},
    layer::{EarlyResponse, Hook, Outcome, reject_early},
};
use paths::PathLimits;

/// The layer that answers 413 for a body over the limit: before reading any of it where `Content-Length` tells,
/// else as soon as it has grown too large. With [`within`](BodyLimit::within), a body that takes too long to
/// arrive is a 408. Both end the connection, whose next bytes would be the rest of the body.
///
/// Parts of the tree may have limits of their own:
///
/// ```
/// # use palisade_http::body_limit::BodyLimit;
/// let limit = BodyLimit::new(64 * 1024).under("/api/v1", 1024 * 1024).under("/api/v1/uploads", 50 * 1024 * 1024);
/// ```
#[derive(Debug, Clone)]
pub struct BodyLimit {
    limits: PathLimits,
    within: Option<Duration>,
    json_depth: usize,
}

impl BodyLimit {
    /// Takes bodies of up to `limit` bytes.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { limits: PathLimits::new(limit), within: None, json_depth: DEFAULT_JSON_DEPTH }
    }

    /// The same with another limit for all addresses that begin with the segments of `prefix`. Of several
    /// prefixes the longest holds; a segment such as `{id}` stands for any.
    #[must_use]
    pub fn under(mut self, prefix: &str, limit: usize) -> Self {
        self.limits.insert(prefix, limit);
        self
    }

    /// The same, for bodies that arrive within this time.
    #[must_use]
    pub fn within(self, duration: Duration) -> Self {
        Self { within: Some(duration), ..self }
    }

    /// The same, for JSON in which at most this many arrays and objects stand within each other.
    #[must_use]
    pub fn json_depth(self, json_depth: usize) -> Self {
        Self { json_depth, ..self }
    }

    fn bound(&self, request: &mut ServiceRequest, limit: usize) {
        request.extensions_mut().insert(BodyBound { bytes: limit, json_depth: self.json_depth });
        let inner = request.take_payload();
        let deadline = self.within.map(|within| Box::pin(sleep(within)));
        let bounded = Bounded { inner, left: limit, deadline };
        request.set_payload(Payload::Stream { payload: Box::pin(bounded) });
    }
}

impl Hook for BodyLimit {
    /// Whether there is a body.
    type Kept<'a> = bool;

    fn before(&self, request: &mut ServiceRequest) -> Result<bool, EarlyResponse> {
        let announced = Announced::of(request.headers());
        if announced == Announced::Nothing {
            return Ok(false);
        }
        // The path as the router reads it.
        let limit = self.limits.of(request.match_info().as_str());
        match announced {
            Announced::Length(length) if length > limit => {
                Err(Box::new(self.after(true, *reject_early(request, too_large()))))
            }
            _ => {
                self.bound(request, limit);
                Ok(true)
            }
        }
    }

    fn after(&self, has_body: bool, mut outcome: Outcome) -> Outcome {
        if let Ok(response) = &mut outcome
            && has_body
            && matches!(response.status(), StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE)
        {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        outcome
    }
}

/// A body that ends in an error when it grows too large or takes too long.
struct Bounded {
    inner: Payload,
    left: usize,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Stream for Bounded {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Poll::Ready(chunk) = Pin::new(&mut this.inner).poll_next(cx) else {
            if let Some(deadline) = &mut this.deadline {
                ready!(deadline.as_mut().poll(cx));
                return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))));
            }
            return Poll::Pending;
        };
        if let Some(Ok(bytes)) = &chunk {
            match this.left.checked_sub(bytes.len()) {
                Some(left) => this.left = left,
                None => return Poll::Ready(Some(Err(PayloadError::Overflow))),
            }
        }
        Poll::Ready(chunk)
    }
}
