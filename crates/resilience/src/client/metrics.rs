//! What is measured of each upstream.

use std::sync::Arc;

use palisade_telemetry::metrics::{Declaration, Telemetry};

use super::{Client, Upstream};

palisade_telemetry::metrics! {
    /// What is measured of each upstream.
    struct Metrics {
        /// Calls to a service outside, by how they ended; retries belong to their call.
        calls: Counter["service", "outcome"] = "external_service_calls_total",
        /// How long calls took, retries and waits included, in seconds.
        duration: Histogram["service"] = "external_service_duration_seconds",
        /// Calls that got no answer of use because of the service, by how they ended.
        errors: Counter["service", "kind"] = "external_service_errors_total",
        /// Whether the service is believed to be there: 1 while its breaker is closed.
        up: Gauge["service"] = "external_service_up",
    }
}

/// What is measured of each upstream.
pub const METRICS: &[Declaration] = Metrics::DECLARED;

impl Client {
    /// Has every upstream measured, with its breaker and its retries.
    pub fn measure(&self, telemetry: &Arc<dyn Telemetry>) {
        let metrics = Metrics::new(telemetry);
        for upstream in self.upstreams.values() {
            upstream.measure(telemetry, metrics.clone());
        }
    }
}

impl Upstream {
    fn measure(&self, telemetry: &Arc<dyn Telemetry>, metrics: Metrics) {
        self.0.counters.measure_durations(metrics.duration.with([self.name()]));
        // Those that are not repeated share its breaker, and retry nothing.
        self.0.repeating.measure(telemetry);
        let upstream = self.clone();
        telemetry.before_reading(Box::new(move || metrics.read(&upstream)));
    }
}

impl Metrics {
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
