//! An answer that may be there at once.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;

use crate::Result;

/// What a [`Cache`](crate::Cache) says: it is there, or has to be waited for. A future either way: memory answers
/// without an allocation and without a waker.
#[must_use = "nothing is asked before this is awaited"]
pub enum CacheFuture<'a, T> {
    /// The answer; `None` when it has been taken.
    Now(Option<Result<T>>),
    /// The answer comes from elsewhere.
    Later(BoxFuture<'a, Result<T>>),
}

impl<'a, T> CacheFuture<'a, T> {
    /// The answer.
    pub const fn now(answer: T) -> Self {
        Self::Now(Some(Ok(answer)))
    }

    /// An answer that has to be waited for.
    pub fn later(answer: impl Future<Output = Result<T>> + Send + 'a) -> Self {
        Self::Later(Box::pin(answer))
    }
}

impl<T: Unpin> Future for CacheFuture<'_, T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Now(answer) => answer.take().map_or(Poll::Pending, Poll::Ready),
            Self::Later(future) => future.as_mut().poll(context),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for CacheFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(answer) => f.debug_tuple("Now").field(answer).finish(),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}
