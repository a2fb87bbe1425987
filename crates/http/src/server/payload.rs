//! A request's body, watched so that the connection knows what the client owes.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use actix_http::{Payload, Request, error::PayloadError};
use bytes::Bytes;
use futures_util::Stream;

use super::exchange::Exchange;

/// Watches the request's body, if it has one.
pub(super) fn watch(request: &mut Request, exchange: &Rc<Exchange>) {
    let inner = request.take_payload();
    if matches!(inner, Payload::None) {
        return;
    }
    exchange.body();
    let watched = WatchedPayload { inner, exchange: Rc::clone(exchange), ended: false };
    *request.payload() = Payload::Stream { payload: Box::pin(watched) };
}

/// A request's body that ends in an error when it is late.
struct WatchedPayload {
    inner: Payload,
    exchange: Rc<Exchange>,
    ended: bool,
}

impl WatchedPayload {
    fn poll_inner(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, PayloadError>>> {
        let chunk = Pin::new(&mut self.inner).poll_next(cx);
        if let Poll::Ready(None) = chunk
            && !self.ended
        {
            self.ended = true;
            self.exchange.body_end();
        }
        chunk
    }
}

impl Stream for WatchedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = self.poll_inner(cx);
        if chunk.is_pending() {
            if self.exchange.body_is_late() {
                return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))));
            }
            self.exchange.body_awaited(cx.waker());
        }
        chunk
    }
}

impl Drop for WatchedPayload {
    /// A reader that knows the length stops before the end, and one that wants no body leaves it: where it has
    /// come nevertheless, the client owes nothing.
    fn drop(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        while !self.ended && matches!(self.poll_inner(&mut cx), Poll::Ready(Some(Ok(_)))) {}
    }
}
