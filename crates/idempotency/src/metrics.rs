//! What is measured of requests with a key.

use std::sync::Arc;

use palisade_telemetry::metrics::{Declaration, Telemetry};

use crate::{Begun, Error, Idempotency, Result};

palisade_telemetry::metrics! {
    /// What is measured of requests with a key.
    pub(crate) struct Metrics {
        /// Requests with an `Idempotency-Key`: the `first` with its key, `replayed` (it got the first one's answer),
        /// `in_progress` and `conflict` (the key is another request's) that were refused, `error`.
        requests: Counter["outcome"] = "idempotency_requests_total",
    }
}

/// What this crate measures.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];

impl Idempotency {
    /// Has requests with a key measured from now on.
    pub fn measure(&self, telemetry: &Arc<dyn Telemetry>) {
        self.metrics().attach(Metrics::new(telemetry));
    }
}

impl Metrics {
    pub(crate) fn begun(&self, result: &Result<Begun>) {
        let outcome = match result {
            Ok(Begun::First(_)) => "first",
            Ok(Begun::Again(_)) => "replayed",
            Err(Error::InProgress) => "in_progress",
            Err(Error::KeyReused) => "conflict",
            Err(_) => "error",
        };
        self.requests.with([outcome]).increment();
    }
}
