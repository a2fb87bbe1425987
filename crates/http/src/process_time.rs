//! `X-Process-Time`.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use actix_web::{
    dev::ServiceRequest,
    http::header::{HeaderName, HeaderValue},
};

use crate::{
    layer::{EarlyResponse, Hook, Outcome},
    stamp::with_header,
    text::Text,
};

const X_PROCESS_TIME: HeaderName = HeaderName::from_static("x-process-time");

/// The layer that says on every response how many milliseconds it took to make, such as `1.234`.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessTime;

impl Hook for ProcessTime {
    type Kept<'a> = Instant;

    fn before(&self, _request: &mut ServiceRequest) -> Result<Instant, EarlyResponse> {
        Ok(Instant::now())
    }

    fn after(&self, start: Instant, outcome: Outcome) -> Outcome {
        with_header(outcome, X_PROCESS_TIME, millis(start.elapsed()))
    }
}

/// Milliseconds to the microsecond, made without the machinery of floating point.
fn millis(elapsed: Duration) -> HeaderValue {
    let micros = elapsed.as_micros();
    // As many digits as there are.
    let mut text = Text::<43>::new();
    // What cannot fail is not looked at.
    let _ = write!(text, "{}.{:03}", micros / 1_000, micros % 1_000);
    // Digits are what a header can hold.
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or(HeaderValue::from_static("0"))
}
