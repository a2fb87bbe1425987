//! What is measured of each upstream.

use std::sync::Arc;

use palisade_telemetry::metrics::{Declaration, Telemetry};

use super::Upstream;

palisade_telemetry::metrics! {
    /// What is measured of each upstream.
    pub(super) struct Metrics {
        /// Calls to a service outside, by how they ended; retries belong to their call.
        calls: Counter["service", "outcome"] = "external_service_calls_total",
        /// How long calls took, retries and waits included, in seconds.
        pub(super) duration: Histogram["service"] = "external_service_duration_seconds",
        /// Calls that got no answer of use because of the service, by how they ended.
        errors: Counter["service", "kind"] = "external_service_errors_total",
        /// Whether the service is believed to be there: 1 while its breaker is closed.
        up: Gauge["service"] = "external_service_up",
    }
}

/// What is measured of each upstream.
pub const METRICS: &[Declaration] = Metrics::DECLARED;

impl Metrics {
    /// Has the upstream measured each time before metrics are read.
    pub(super) fn measure(self, upstream: Upstream, telemetry: &Arc<dyn Telemetry>) {
        telemetry.before_reading(Box::new(move || self.read(&upstream)));
    }

    fn read(&self, upstream: &Upstream) {
        let (name, snapshot) = (upstream.name(), upstream.snapshot());
        self.up.with([name]).set_flag(snapshot.is_up());
        for (outcome, count) in snapshot.calls.outcomes {
            self.calls.with([name, outcome.name()]).total(count);
            if outcome.is_error() {
                self.errors.with([name, outcome.name()]).total(count);
            }
        }
    }
}
