//! What is measured of requests with a key.

use palisade_telemetry::metrics::Declaration;

palisade_telemetry::metrics! {
    /// What is measured of requests with a key.
    pub(crate) struct Metrics {
        /// Requests with an `Idempotency-Key`: the `first` with its key, `replayed` (it got the first one's answer),
        /// `in_progress` and `conflict` (the key is another request's) that were refused, `error`.
        pub(crate) requests: Counter["outcome"] = "idempotency_requests_total",
    }
}

/// What this crate measures.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];
