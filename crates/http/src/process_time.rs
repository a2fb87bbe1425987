//! `X-Process-Time`.

use std::time::Instant;

use actix_web::{
    dev::ServiceRequest,
    http::header::{HeaderName, HeaderValue},
};

use crate::{
    Layer,
    layer::{Next, Outcome},
    stamp::with_header,
};

const X_PROCESS_TIME: HeaderName = HeaderName::from_static("x-process-time");

/// The layer that says on every response how many milliseconds it took to make, such as `1.234`.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessTime;

impl Layer for ProcessTime {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        let start = Instant::now();
        let outcome = next.call(request).await;
        let millis = format!("{:.3}", start.elapsed().as_secs_f64() * 1_000.0);
        match HeaderValue::try_from(millis) {
            Ok(value) => with_header(outcome, X_PROCESS_TIME, value),
            // A number is made of characters that a header can hold.
            Err(_) => outcome,
        }
    }
}
