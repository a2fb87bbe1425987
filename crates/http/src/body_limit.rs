//! A bound on request bodies.

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
    http::{
        ConnectionType, StatusCode,
        header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING},
    },
};
use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Sleep, sleep};

use crate::{
    Layer,
    error::too_large,
    extract::BodyBound,
    layer::{Next, Outcome, refuse},
};

/// The layer that answers 413 for a body over the limit: before reading any of it where `Content-Length` tells,
/// else as soon as it has grown too large. With [`within`](BodyLimit::within), a body that takes too long to
/// arrive is a 408. Both end the connection, whose next bytes would be the rest of the body.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit {
    limit: usize,
    within: Option<Duration>,
}

impl BodyLimit {
    /// Takes bodies of up to `limit` bytes.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { limit, within: None }
    }

    /// The same, for bodies that arrive within this time.
    #[must_use]
    pub const fn within(self, duration: Duration) -> Self {
        Self { within: Some(duration), ..self }
    }

    fn bound(&self, request: &mut ServiceRequest) {
        request.extensions_mut().insert(BodyBound(self.limit));
        let inner = request.take_payload();
        let deadline = self.within.map(|within| Box::pin(sleep(within)));
        let bounded = Bounded { inner, left: self.limit, deadline };
        request.set_payload(Payload::Stream { payload: Box::pin(bounded) });
    }
}

impl Layer for BodyLimit {
    async fn handle<N: Next>(&self, mut request: ServiceRequest, next: N) -> Outcome {
        let mut response = match Announced::of(request.headers()) {
            Announced::Nothing => return next.call(request).await,
            Announced::Length(length) if length > self.limit => refuse(request, too_large())?,
            _ => {
                self.bound(&mut request);
                next.call(request).await?
            }
        };
        if matches!(response.status(), StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE) {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        Ok(response)
    }
}

/// What the head of a request tells of its body (RFC 9112 §6.3).
enum Announced {
    Nothing,
    Length(usize),
    Unknown,
}

impl Announced {
    fn of(headers: &HeaderMap) -> Self {
        if headers.contains_key(TRANSFER_ENCODING) {
            return Self::Unknown;
        }
        match headers.get(CONTENT_LENGTH).map(|value| value.to_str().ok().and_then(|text| text.parse().ok()))
        {
            None | Some(Some(0)) => Self::Nothing,
            Some(length) => length.map_or(Self::Unknown, Self::Length),
        }
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
