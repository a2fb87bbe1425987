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

use super::capture::Capture;

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// All of it has passed.
    Whole,
    /// It broke off, or nobody wanted the rest.
    Early,
}

impl Ending {
    pub(super) fn is_early(self) -> bool {
        self == Self::Early
    }
}

/// What is told once a body is done with.
pub(super) trait Told: Unpin {
    /// Takes in what passes.
    fn capture(&mut self) -> &mut Capture;

    /// Tells it.
    fn tell(self, ending: Ending);
}

/// A body, and what is told at its end, which may be an error or that it is dropped.
pub(super) struct Tee<B, T: Told> {
    /// Dropped first: a response may hold the body of its request, which is told of before it.
    body: B,
    telling: Telling<T>,
}

impl<B, T: Told> Tee<B, T> {
    pub(super) const fn new(body: B, told: T) -> Self {
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
                    told.capture().take(bytes);
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
        let is_whole = self.0.as_mut().is_some_and(|told| told.capture().is_whole());
        self.end(if is_whole { Ending::Whole } else { Ending::Early });
    }
}
