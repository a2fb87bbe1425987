//! What is measured of events.

use palisade_telemetry::metrics::Declaration;

palisade_telemetry::metrics! {
    /// What is measured of events.
    pub(crate) struct Metrics {
        /// Deliveries of events to subscribers, by how they ended: `delivered`, `failed` (it is tried again), `given_up`
        /// (after the last attempt), `late` (no time was left; it is tried again).
        pub(crate) deliveries: Counter["subscriber", "outcome"] = "event_deliveries_total",
        /// Deliveries that wait to be made or repeated, in the database, everybody's together.
        pub(crate) pending: Gauge[] = "event_deliveries_pending",
        /// Deliveries that were given up and wait for an operator.
        pub(crate) given_up: Gauge[] = "event_deliveries_given_up",
        /// The age in seconds of the oldest delivery that waits.
        pub(crate) oldest: Gauge[] = "event_deliveries_oldest_seconds",
    }
}

/// What this crate measures.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];
