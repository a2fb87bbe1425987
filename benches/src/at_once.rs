//! Awaiting what does not wait.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

/// What a future gives that is ready the first time it is asked, as a caller who awaits it pays for it, without a
/// runtime's share; `None` of one that waits.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    }
}
