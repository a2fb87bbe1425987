//! A response's body, watched so that the connection knows where it stands.

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::body::{BodySize, MessageBody};
use bytes::Bytes;
use pin_project_lite::pin_project;

use super::exchange::Exchange;

pin_project! {
    /// A response's body that tells the connection of its chunks and its end.
    pub(super) struct WatchedBody<B> {
        #[pin]
        body: B,
        exchange: Option<Rc<Exchange>>,
    }
}

impl<B> WatchedBody<B> {
    pub(super) fn new(body: B, exchange: Option<Rc<Exchange>>) -> Self {
        Self { body, exchange }
    }
}

impl<B: MessageBody> MessageBody for WatchedBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.project();
        let next = this.body.poll_next(cx);
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
