//! Measurements as log lines.

use std::{fmt::Write as _, sync::Arc};

use super::{Declaration, Measure, Measurement, Telemetry};
use crate::Sampler;

/// The target of measurements in the log. The value of their field `tags` is a JSON object.
pub const METRIC_TARGET: &str = "metric";

/// Logs what is counted and observed, one line each: `metric.counter` and `metric.histogram` with `name`, `value` and
/// `tags`. For where a log is all there is. A histogram of seconds is logged in milliseconds, under a name that ends in
/// `_ms`. Gauges, and totals that are counted elsewhere, are not logged: they are values to look at, not events.
#[derive(Debug, Clone)]
pub struct LogTelemetry {
    sampler: Sampler,
}

impl LogTelemetry {
    /// Logs as many measurements as `sampler` picks.
    #[must_use]
    pub const fn new(sampler: Sampler) -> Self {
        Self { sampler }
    }
}

impl Telemetry for LogTelemetry {
    fn series(&self, metric: &Declaration, labels: &[&str]) -> Option<Arc<dyn Measure>> {
        let (sampler, tags) = (self.sampler.clone(), tags(metric, labels));
        let millis = metric.name.strip_suffix("_seconds").map(|stem| format!("{stem}_ms"));
        let factor = if millis.is_some() { 1_000.0 } else { 1.0 };
        let name = millis.unwrap_or_else(|| metric.name.to_owned());
        Some(Arc::new(move |measurement: Measurement<'_>| match measurement {
            Measurement::Add(count) if sampler.picks() => {
                tracing::info!(target: METRIC_TARGET, name, value = count, tags, "metric.counter");
            }
            Measurement::Observe(value, _) if sampler.picks() => {
                let value = (value * factor * 1e3).round() / 1e3;
                tracing::info!(target: METRIC_TARGET, name, value, tags, "metric.histogram");
            }
            _ => {}
        }))
    }
}

/// The labels as a JSON object, which a line takes as it stands.
fn tags(metric: &Declaration, labels: &[&str]) -> String {
    let mut tags = String::from("{");
    for (name, value) in metric.labels.iter().zip(labels) {
        let separator = if tags.len() > 1 { "," } else { "" };
        tags.extend([separator, "\"", name, "\":\""]);
        for char in value.chars() {
            match char {
                '"' | '\\' => tags.extend(['\\', char]),
                // A string takes everything.
                _ if char.is_control() => drop(write!(tags, "\\u{:04x}", u32::from(char))),
                _ => tags.push(char),
            }
        }
        tags.push('"');
    }
    tags.push('}');
    tags
}
