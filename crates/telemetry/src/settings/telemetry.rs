//! The section `telemetry`.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where measurements and traces go.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySettings {
    /// What receives what is measured, several by comma. Empty or `off`: nothing is measured.
    #[schemars(extend(
        "x-env-aliases" = [
            {"name": "PROMETHEUS_ENABLED", "map": {"true": ["prometheus"], "false": null}, "ignore_invalid": true},
            {"name": "SECURITY_ENABLE_PROMETHEUS", "map": {"true": ["prometheus"], "false": null}}
        ]
    ))]
    pub mode: Vec<Mode>,
    /// The share of requests that are traced, and of measurements that the mode `log` writes: 0 none, 1 all. What
    /// Prometheus and OTLP count is always whole.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub sample_rate: f64,
    /// How long a request may take before it is told as slow, in milliseconds.
    #[schemars(range(min = 1))]
    pub slow_request_ms: u64,
}

/// What receives measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing.
    Off,
    /// The log: a line for each measurement.
    Log,
    /// `/metrics` on the management listener.
    Prometheus,
    /// An OpenTelemetry collector: metrics, traces and logs.
    Otlp,
}

impl TelemetrySettings {
    /// Whether this is one of those that receive.
    #[must_use]
    pub fn has(&self, mode: Mode) -> bool {
        self.mode.contains(&mode)
    }

    /// How long a request may take before it is slow.
    #[must_use]
    pub const fn slow_request(&self) -> Duration {
        Duration::from_millis(self.slow_request_ms)
    }

    /// Why the modes make no sense, if they do not.
    #[must_use]
    pub fn mode_problem(&self) -> Option<&'static str> {
        let contradicts = self.has(Mode::Off) && self.mode.iter().any(|mode| *mode != Mode::Off);
        contradicts.then_some("cannot be `off` and something else")
    }
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self { mode: Vec::new(), sample_rate: 1.0, slow_request_ms: 5_000 }
    }
}
