//! A body that is looked at as it passes.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    dev::Payload,
    error::PayloadError,
};
use bytes::Bytes;
use futures_util::Stream;

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All of it has passed.
    Whole,
    /// It broke off, or nobody wanted the rest.
    Early,
}

impl Ending {
    #[cfg(feature = "request-logging")]
    pub(crate) fn is_early(self) -> bool {
        self == Self::Early
    }
}

/// What is told once a body is done with.
pub(crate) trait Told: Unpin {
    /// Takes in a piece that passes.
    fn pass(&mut self, piece: &[u8]);

    /// Whether as much has passed as was announced; `false` where nothing was.
    fn is_whole(&self) -> bool {
        false
    }

    /// Tells it.
    fn tell(self, ending: Ending);
}

/// A body, and what is told at its end, which may be an error or that it is dropped.
pub(crate) struct Tee<B, T: Told> {
    /// Dropped first: a response may hold the body of its request, which is told of before it.
    body: B,
    telling: Telling<T>,
}

impl<B, T: Told> Tee<B, T> {
    pub(crate) const fn new(body: B, told: T) -> Self {
        Self { body, telling: Telling(Some(told)) }
    }
}

/// Tells once, at last when it is dropped.
struct Telling<T: Told>(Option<T>);

impl<T: Told> Telling<T> {
    fn see<E>(&mut self, chunk: Option<&Result<Bytes, E>>) {
        match chunk {
            Some(Ok(bytes)) => {
                if let Some(told) = &mut self.0 {
                    told.pass(bytes);
                }
            }
            Some(Err(_)) => self.end(Ending::Early),
            None => self.end(Ending::Whole),
        }
    }

    fn end(&mut self, ending: Ending) {
        if let Some(told) = self.0.take() {
            told.tell(ending);
        }
    }
}

impl<T: Told> Stream for Tee<Payload, T> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = ready!(Pin::new(&mut self.body).poll_next(cx));
        self.telling.see(chunk.as_ref());
        Poll::Ready(chunk)
    }
}

impl<T: Told> MessageBody for Tee<BoxBody, T> {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let chunk = ready!(Pin::new(&mut self.body).poll_next(cx));
        self.telling.see(chunk.as_ref());
        Poll::Ready(chunk)
    }
}

impl<T: Told> Drop for Telling<T> {
    fn drop(&mut self) {
        let is_whole = self.0.as_ref().is_some_and(Told::is_whole);
        self.end(if is_whole { Ending::Whole } else { Ending::Early });
    }
}
