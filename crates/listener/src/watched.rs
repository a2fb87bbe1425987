//! A response's body, watched so that the connection knows where it stands.

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::body::{BodySize, MessageBody};
use bytes::Bytes;
use pin_project_lite::pin_project;

use crate::exchange::Exchange;

/// How much of a response is copied at once into the buffer of its connection, and how much of that may wait there for a
/// client to read: a buffer of 32 KiB holds both. A large body that is shared, or that has no end, stays where it is.
const SLICE: usize = 8 * 1024;
pub(crate) const WRITE_BUFFER: usize = 24 * 1024;

pin_project! {
    /// A response's body that tells the connection of its chunks and its end, and gives large chunks a slice at a time.
    pub(crate) struct WatchedBody<B> {
        #[pin]
        body: B,
        rest: Bytes,
        exchange: Option<Rc<Exchange>>,
    }
}

impl<B> WatchedBody<B> {
    pub(crate) fn new(body: B, exchange: Option<Rc<Exchange>>) -> Self {
        Self { body, rest: Bytes::new(), exchange }
    }
}

impl<B: MessageBody> MessageBody for WatchedBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.project();
        let mut next = if this.rest.is_empty() {
            this.body.poll_next(cx)
        } else {
            Poll::Ready(Some(Ok(std::mem::take(this.rest))))
        };
        if let Poll::Ready(Some(Ok(chunk))) = &mut next {
            *this.rest = chunk.split_off(chunk.len().min(SLICE));
        }
        if let Some(exchange) = this.exchange {
            match &next {
                Poll::Ready(Some(Ok(chunk))) => exchange.response_chunk(chunk),
                Poll::Ready(None) => exchange.response_end(),
                Poll::Ready(Some(Err(_))) | Poll::Pending => {}
            }
        }
        next
    }
}
