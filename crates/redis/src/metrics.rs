//! What the handle measures.

use palisade_telemetry::metrics::Declaration;

use crate::Error;

palisade_telemetry::metrics! {
    /// What is measured of Redis.
    pub(crate) struct Metrics {
        /// Calls by how they ended: `ok`, `refused` by the server, `timed_out`, `lost` (nothing was sent or the connection
        /// broke).
        pub(crate) commands: Counter["outcome"] = "redis_commands_total",
        /// How long calls took that were sent, in seconds; several commands in one round trip are one call.
        pub(crate) duration: Histogram[] = "redis_command_duration_seconds",
        /// Whether Redis answers: 1 or 0.
        pub(crate) connected: Gauge[] = "redis_connected",
    }
}

/// What this crate measures.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];

impl Metrics {
    pub(crate) fn called<T>(&self, answer: &Result<T, Error>) {
        let outcome = match answer {
            Ok(_) => "ok",
            Err(Error::Refused(_) | Error::UnexpectedAnswer(_)) => "refused",
            Err(Error::TimedOut(_)) => "timed_out",
            Err(Error::Lost | Error::Broken(_) | Error::NotServing(_)) => "lost",
        };
        self.commands.with([outcome]).increment();
    }
}
