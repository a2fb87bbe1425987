//! A bound on each handler's time.

use std::time::Duration;

use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse},
};
use palisade_core::Kind;

use crate::{Layer, Rejection, remains::Remains};

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
    type Body<B: MessageBody + 'static> = EitherBody<B>;

    async fn handle<S, B>(
        &self,
        request: ServiceRequest,
        next: &S,
    ) -> Result<ServiceResponse<EitherBody<B>>, Error>
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
        B: MessageBody + 'static,
    {
        let remains = Remains::of(&request);
        match tokio::time::timeout(self.0, next.call(request)).await {
            Ok(outcome) => outcome.map(ServiceResponse::map_into_left_body),
            Err(_) => {
                let rejection = Rejection::from(palisade_core::Error::from(Kind::Timeout));
                Ok(remains.answer(rejection.into()).map_into_right_body())
            }
        }
    }
}
