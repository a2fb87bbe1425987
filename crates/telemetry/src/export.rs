//! What is sent to whoever keeps it elsewhere: bounded queues, each with a thread of its own.
//!
//! Whoever measures or logs never waits: when the receiver is slow or gone, the queue fills and what comes then is counted
//! as dropped. That it is gone is told once, and once that it is back.

mod outbox;
mod sender;

use std::sync::Arc;

use crate::metrics::{Declaration, Telemetry};
pub(crate) use outbox::{Losses, Outbox, Pace};
pub(crate) use sender::{Again, Destination, Receiver, Sender, Sent};

/// Whether an event is of the HTTP client that sends: sent, it would cause the next one, for ever.
pub(crate) fn is_of_the_sender(target: &str) -> bool {
    ["hyper", "reqwest", "rustls", "h2"].iter().any(|client| target.starts_with(client))
}

crate::metrics! {
    /// What the export measures of itself.
    struct Metrics {
        /// Batches that were not taken, by signal: `traces`, `metrics` and `logs` by the collector, `sentry` by Sentry.
        failures: Counter["signal"] = "telemetry_export_failures_total",
        /// Spans, log records, metric points and Sentry's events that were lost because the receiver did not keep up or
        /// refused them, and events that were held back because they repeat others.
        dropped: Counter["signal"] = "telemetry_dropped_total",
    }
}

/// What the export measures of itself.
pub(crate) const METRICS: &[Declaration] = Metrics::DECLARED;

/// Has the losses of each signal measured.
pub(crate) fn measure<L>(telemetry: &Arc<dyn Telemetry>, losses: L)
where
    L: Fn() -> Vec<(&'static str, Losses)> + Send + Sync + 'static,
{
    let metrics = Metrics::new(telemetry);
    telemetry.before_reading(Box::new(move || {
        for (signal, Losses { failures, dropped }) in losses() {
            metrics.failures.with([signal]).total(failures);
            metrics.dropped.with([signal]).total(dropped);
        }
    }));
}
