//! What checks measure.

use std::time::Duration;

use palisade_telemetry::metrics::Declaration;

palisade_telemetry::metrics! {
    /// What is measured of each check.
    pub(crate) struct Metrics {
        /// Whether what the program depends on answers: 1 or 0, as last checked.
        health: Gauge["dependency"] = "dependency_health",
        /// How long the check took, in seconds.
        duration: Histogram["dependency"] = "health_check_duration_seconds",
    }
}

/// What this crate measures.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];

impl Metrics {
    pub(crate) fn checked(&self, dependency: &str, is_well: bool, took: Duration) {
        self.health.with([dependency]).set_flag(is_well);
        self.duration.with([dependency]).observe_duration(took);
    }
}
