//! An answer that may be there at once.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;

use crate::{Decision, Error};

/// A [`Decision`] that is there, or that has to be waited for. A future either way: a limiter in memory answers
/// without an allocation and without a waker.
#[must_use = "nothing is decided before this is awaited"]
pub enum Checking<'a> {
    /// The answer; `None` when it has been taken.
    Now(Option<Result<Decision, Error>>),
    /// The answer comes from elsewhere.
    Later(BoxFuture<'a, Result<Decision, Error>>),
}

impl<'a> Checking<'a> {
    /// The answer.
    pub fn now(answer: Result<Decision, Error>) -> Self {
        Self::Now(Some(answer))
    }

    /// An answer that has to be waited for.
    pub fn later(answer: impl Future<Output = Result<Decision, Error>> + Send + 'a) -> Self {
        Self::Later(Box::pin(answer))
    }
}

impl Future for Checking<'_> {
    type Output = Result<Decision, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Now(answer) => answer.take().map_or(Poll::Pending, Poll::Ready),
            Self::Later(future) => future.as_mut().poll(context),
        }
    }
}

impl fmt::Debug for Checking<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(answer) => f.debug_tuple("Now").field(answer).finish(),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}
