//! Tracks the sending of a response body.

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::body::{BodySize, MessageBody};
use bytes::Bytes;
use pin_project_lite::pin_project;

use crate::connection_state::ConnectionState;

/// How many bytes of a body are copied into the connection's write buffer at once. Together with [`WRITE_BUFFER`] that is
/// 32 KiB per connection, however large the body is.
const SLICE: usize = 8 * 1024;
/// From how many buffered bytes on actix-http stops to poll the body (backpressure).
pub(crate) const WRITE_BUFFER: usize = 24 * 1024;

pin_project! {
    /// A response body that records its chunks and its end in the connection state, and splits large chunks.
    pub(crate) struct TrackedBody<B> {
        #[pin]
        body: B,
        rest: Bytes,
        connection: Option<Rc<ConnectionState>>,
    }
}

impl<B> TrackedBody<B> {
    pub(crate) fn new(body: B, connection: Option<Rc<ConnectionState>>) -> Self {
        Self { body, rest: Bytes::new(), connection }
    }
}

impl<B: MessageBody> MessageBody for TrackedBody<B> {
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
        if let Some(connection) = this.connection {
            match &next {
                Poll::Ready(Some(Ok(chunk))) => connection.response_chunk(chunk),
                Poll::Ready(None) => connection.response_end(),
                Poll::Ready(Some(Err(_))) | Poll::Pending => {}
            }
        }
        next
    }
}
