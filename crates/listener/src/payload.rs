//! A request's body, watched so that the connection knows what the client owes.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::{Payload, Request, error::PayloadError};
use bytes::Bytes;
use futures_util::Stream;

use crate::exchange::{BodyFailure, Exchange};

/// Watches the request's body, if it has one.
pub(crate) fn watch(request: &mut Request, exchange: &Rc<Exchange>) {
    let inner = request.take_payload();
    if matches!(inner, Payload::None) {
        return;
    }
    exchange.body();
    let watched = WatchedPayload { inner, exchange: Rc::clone(exchange) };
    *request.payload() = Payload::Stream { payload: Box::pin(watched) };
}

/// A request's body that ends in an error when no more of it will come.
struct WatchedPayload {
    inner: Payload,
    exchange: Rc<Exchange>,
}

impl Stream for WatchedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = Pin::new(&mut self.inner).poll_next(cx);
        if chunk.is_pending() {
            match self.exchange.body_failure() {
                Some(BodyFailure::Late) => {
                    return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))));
                }
                Some(BodyFailure::Malformed) => {
                    return Poll::Ready(Some(Err(PayloadError::EncodingCorrupted)));
                }
                None => {}
            }
            self.exchange.body_awaited(cx.waker());
        }
        chunk
    }
}
