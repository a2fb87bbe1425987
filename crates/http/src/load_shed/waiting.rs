//! A request's place in the queue.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::capacity::{Capacity, Permit};

/// Resolves to a permit when it is this one's turn. Dropped before, it leaves the queue; dropped between the
/// permit's being given and its being taken, it hands the permit on.
#[derive(Debug)]
pub(super) struct Waiting<'a> {
    capacity: &'a Capacity,
    ticket: u64,
    done: bool,
}

impl<'a> Waiting<'a> {
    pub(super) const fn new(capacity: &'a Capacity, ticket: u64) -> Self {
        Self { capacity, ticket, done: false }
    }
}

impl<'a> Future for Waiting<'a> {
    type Output = Permit<'a>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit<'a>> {
        if !self.capacity.is_granted(self.ticket, cx.waker()) {
            return Poll::Pending;
        }
        self.done = true;
        Poll::Ready(Permit::granted(self.capacity))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.capacity.abandon(self.ticket);
        }
    }
}
