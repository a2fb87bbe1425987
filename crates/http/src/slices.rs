//! A body that is written a slice at a time.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;

/// How much is written at once.
const SLICE: usize = 16 * 1024;

/// Bytes that all responses with them share. The connection copies what a body gives into a buffer of its own, so that
/// a large body given at once would be copied whole for each client that reads slowly.
#[derive(Debug, Clone)]
pub(crate) struct Slices(Bytes);

impl Slices {
    /// The bytes as the body of a response; in slices where that saves memory.
    pub(crate) fn body(bytes: Bytes) -> BoxBody {
        if bytes.len() <= SLICE { BoxBody::new(bytes) } else { BoxBody::new(Self(bytes)) }
    }

    /// The next slice.
    pub(crate) fn next(bytes: &mut Bytes) -> Option<Bytes> {
        (!bytes.is_empty()).then(|| bytes.split_to(bytes.len().min(SLICE)))
    }
}

impl MessageBody for Slices {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.0.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(Self::next(&mut self.0).map(Ok))
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        Ok(self.0)
    }
}
