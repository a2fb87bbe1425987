//! A bound on each handler's time.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use actix_web::dev::ServiceRequest;
use palisade_core::Kind;

use crate::{
    Layer, Rejection,
    layer::{Next, Outcome},
    remains::Remains,
};

/// The layer that answers 504 `timeout` when a handler takes longer than its time. The handler is dropped where
/// it waits: whatever it must not leave half-done belongs into a transaction or a task of its own. A body that
/// is streamed after the handler has returned is not bounded by it.
#[derive(Debug, Clone, Copy)]
pub struct Timeout(Duration);

impl Timeout {
    /// Gives each handler this long.
    #[must_use]
    pub const fn after(duration: Duration) -> Self {
        Self(duration)
    }
}

impl Layer for Timeout {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        let remains = Remains::of(&request);
        let mut answer = pin!(next.call(request));
        // Most handlers never wait, and need no timer.
        if let Some(outcome) = poll_once(answer.as_mut()).await {
            return outcome;
        }
        match tokio::time::timeout(self.0, answer).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let rejection = Rejection::from(palisade_core::Error::from(Kind::Timeout));
                Ok(remains.answer(rejection.into()))
            }
        }
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
