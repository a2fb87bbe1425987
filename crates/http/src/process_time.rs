//! `X-Process-Time`.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use actix_web::{
    dev::ServiceRequest,
    http::header::{HeaderName, HeaderValue},
};

use crate::{
    layer::{Answer, Hook, Outcome},
    stamp::with_header,
};

const X_PROCESS_TIME: HeaderName = HeaderName::from_static("x-process-time");

/// The layer that says on every response how many milliseconds it took to make, such as `1.234`.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessTime;

impl Hook for ProcessTime {
    type Kept<'a> = Instant;

    fn before(&self, _request: &mut ServiceRequest) -> Result<Instant, Answer> {
        Ok(Instant::now())
    }

    fn after(&self, start: Instant, outcome: Outcome) -> Outcome {
        with_header(outcome, X_PROCESS_TIME, millis(start.elapsed()))
    }
}

/// Milliseconds to the microsecond, made without the machinery of floating point.
fn millis(elapsed: Duration) -> HeaderValue {
    let micros = elapsed.as_micros();
    let mut text = [0; 32];
    let mut rest = text.as_mut_slice();
    let written = write!(rest, "{}.{:03}", micros / 1_000, micros % 1_000);
    let unused = rest.len();
    let text = text.get(..text.len() - unused).unwrap_or_default();
    // A duration has fewer digits than there is room for, and digits are what a header can hold.
    match (written, HeaderValue::from_bytes(text)) {
        (Ok(()), Ok(value)) => value,
        _ => HeaderValue::from_static("0"),
    }
}
