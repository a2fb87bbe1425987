//! A handler that panics.

use std::panic::AssertUnwindSafe;

use actix_web::dev::ServiceRequest;
use futures_util::FutureExt;
use palisade_core::panic_message;

use crate::{
    Layer, Rejection,
    error::PANICKED,
    layer::{Next, Outcome},
    snapshot::RequestSnapshot,
};

/// The layer that answers 500 `internal_error` for a handler that panics. The worker goes on with its other
/// requests. What the panic said becomes the error's cause, for the log; where it happened is known to the
/// panic hook alone (`palisade_telemetry::log_panics`).
///
/// It cannot catch a panic while a body is streamed, and none at all in a program built with `panic = "abort"`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PanicGuard;

#[derive(Debug, thiserror::Error)]
#[error("{PANICKED}: {0}")]
struct Panicked(String);

impl Layer for PanicGuard {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        let snapshot = RequestSnapshot::of(&request);
        // Nothing that a panic could have left half-changed is looked at again: request and future are gone.
        match AssertUnwindSafe(async { next.call(request).await }).catch_unwind().await {
            Ok(outcome) => outcome,
            Err(panic) => {
                let message = panic_message(&*panic).unwrap_or("without a text");
                let error = palisade_core::Error::internal(Panicked(message.to_owned()));
                snapshot.answer(Rejection::from(error).into())
            }
        }
    }
}
