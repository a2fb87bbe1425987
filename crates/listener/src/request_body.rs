//! Tracks the reading of a request body.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::{Payload, Request, error::PayloadError};
use bytes::Bytes;
use futures_util::Stream;

use crate::connection_state::{BodyFailure, ConnectionState};

/// Wraps the request's body, if there is one, so that the connection state follows it.
pub(crate) fn track(request: &mut Request, connection: &Rc<ConnectionState>) {
    let inner = request.take_payload();
    if matches!(inner, Payload::None) {
        return;
    }
    connection.body();
    let tracked = TrackedPayload { inner, connection: Rc::clone(connection) };
    *request.payload() = Payload::Stream { payload: Box::pin(tracked) };
}

/// A request body that fails when the connection state says that it cannot be completed.
struct TrackedPayload {
    inner: Payload,
    connection: Rc<ConnectionState>,
}

impl Stream for TrackedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = Pin::new(&mut self.inner).poll_next(cx);
        if chunk.is_pending() {
            match self.connection.body_failure() {
                Some(BodyFailure::Late) => {
                    return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))));
                }
                Some(BodyFailure::Malformed) => {
                    return Poll::Ready(Some(Err(PayloadError::EncodingCorrupted)));
                }
                None => {}
            }
            self.connection.body_awaited(cx.waker());
        }
        chunk
    }
}
