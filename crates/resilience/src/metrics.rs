//! What breakers measure, and the list of all that this crate does.

use std::sync::Arc;

use palisade_telemetry::metrics::{Declaration, Telemetry};

use crate::{Breaker, State, policy::PolicyMetrics};

palisade_telemetry::metrics! {
    /// What is measured of each breaker.
    struct BreakerMetrics {
        /// Whether calls get through: 0 closed, 1 half-open, 2 open.
        state: Gauge["breaker"] = "circuit_breaker_state",
        /// Calls that failed.
        failures: Counter["breaker"] = "circuit_breaker_failures_total",
        /// Calls that succeeded.
        successes: Counter["breaker"] = "circuit_breaker_successes_total",
        /// Calls that were not let through.
        rejections: Counter["breaker"] = "circuit_breaker_rejections_total",
        /// Changes of state, by the new one: `closed`, `half_open`, `open`.
        changes: Counter["breaker", "to"] = "circuit_breaker_state_changes_total",
    }
}

/// What this crate measures.
pub const METRICS: &[&[Declaration]] = &[
    BreakerMetrics::DECLARED,
    PolicyMetrics::DECLARED,
    #[cfg(feature = "http-client")]
    crate::client::METRICS,
];

impl Breaker {
    /// The same, with its state and counters measured each time before metrics are read.
    #[must_use]
    pub fn telemetry(self, telemetry: &Arc<dyn Telemetry>) -> Self {
        self.measure(telemetry);
        self
    }

    pub(crate) fn measure(&self, telemetry: &Arc<dyn Telemetry>) {
        let (metrics, breaker) = (BreakerMetrics::new(telemetry), self.clone());
        telemetry.before_reading(Box::new(move || metrics.read(&breaker)));
    }
}

impl BreakerMetrics {
    fn read(&self, breaker: &Breaker) {
        let (name, counters) = (breaker.name(), breaker.counters());
        self.state.with([name]).set(match breaker.state() {
            State::Closed => 0.0,
            State::HalfOpen => 1.0,
            State::Open => 2.0,
        });
        self.failures.with([name]).total(counters.failures);
        self.successes.with([name]).total(counters.successes);
        self.rejections.with([name]).total(counters.rejections);
        let changes =
            [("closed", counters.closed), ("half_open", counters.half_opened), ("open", counters.opened)];
        for (state, count) in changes {
            self.changes.with([name, state]).total(count);
        }
    }
}
