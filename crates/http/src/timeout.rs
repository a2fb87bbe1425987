//! Limits how long a request may take.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use actix_web::dev::ServiceRequest;
use palisade_core::{ErrorKind, WaitBudget};

use crate::{
    Layer, Rejection,
    layer::{Next, Outcome},
    snapshot::RequestSnapshot,
};

/// The layer that answers 504 `timeout` when a handler takes longer than its time. The handler is dropped where
/// it waits: whatever it must not leave half-done belongs into a transaction or a task of its own. A body that
/// is streamed after the handler has returned is not bounded by it.
#[derive(Debug, Clone, Copy)]
pub struct Timeout {
    handler: Duration,
    waiting: Option<WaitBudget>,
}

impl Timeout {
    /// Gives each handler this long.
    #[must_use]
    pub const fn after(duration: Duration) -> Self {
        Self { handler: duration, waiting: None }
    }

    /// Gives each request a [`WaitBudget`]: this long, in all, to wait for shared resources such as database connections.
    #[must_use]
    pub const fn waiting_at_most(self, total: Duration) -> Self {
        Self { waiting: Some(WaitBudget::new(total)), ..self }
    }

    async fn bounded(&self, answer: impl Future<Output = Outcome>) -> Option<Outcome> {
        let mut answer = pin!(answer);
        // Most handlers never wait, and need no timer.
        match poll_once(answer.as_mut()).await {
            Some(outcome) => Some(outcome),
            None => tokio::time::timeout(self.handler, answer).await.ok(),
        }
    }
}

impl Layer for Timeout {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        let snapshot = RequestSnapshot::of(&request);
        let answer = next.call(request);
        let outcome = match self.waiting {
            Some(budget) => self.bounded(budget.cover(answer)).await,
            None => self.bounded(answer).await,
        };
        outcome.unwrap_or_else(|| {
            let rejection = Rejection::from(palisade_core::Error::from(ErrorKind::Timeout));
            snapshot.answer(rejection.into())
        })
    }
}

/// What the future gives when it does not wait.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
