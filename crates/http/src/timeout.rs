//! A bound on each handler's time.

use std::time::Duration;

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
        match tokio::time::timeout(self.0, next.call(request)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let rejection = Rejection::from(palisade_core::Error::from(Kind::Timeout));
                Ok(remains.answer(rejection.into()))
            }
        }
    }
}
