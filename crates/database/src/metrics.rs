//! What the database measures.

use palisade_telemetry::metrics::Declaration;

use crate::Error;

palisade_telemetry::metrics! {
    /// What is measured of a database.
    pub(crate) struct Metrics {
        /// Connections by state: `idle`, `in_use`, and the most there may be as `max`.
        pub(crate) connections: Gauge["state"] = "db_pool_connections",
        /// Callers that wait for a connection at this moment.
        pub(crate) waiting: Gauge[] = "db_pool_waiting",
        /// How long callers waited for a connection, in seconds.
        pub(crate) wait: Histogram[] = "db_pool_wait_seconds",
        /// Callers refused because no connection became free in time, or because too many wait already.
        pub(crate) refused: Counter[] = "db_pool_refused_total",
        /// How long statements took, in seconds, by their first word: `select`, `insert`, …; `other` for the rest.
        pub(crate) duration: Histogram["operation"] = "db_query_duration_seconds",
        /// Statements that took longer than `DATABASE_SLOW_QUERY_MS`.
        pub(crate) slow: Counter["operation"] = "slow_queries_total",
        /// Failures: `unavailable` (no connection, or no answer in time), `conflict` (a lost race for a lock), `constraint`,
        /// or `other`.
        pub(crate) errors: Counter["kind"] = "db_errors_total",
    }
}

/// What this crate measures.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];

impl Metrics {
    pub(crate) fn failed(&self, error: &Error) {
        let kind = match error {
            Error::Unavailable { .. } => "unavailable",
            Error::Contention { .. } => "conflict",
            Error::UniqueViolation { .. } | Error::ForeignKeyViolation { .. } => "constraint",
            _ => "other",
        };
        self.errors.with([kind]).increment();
    }
}

/// The first word of a statement, of those that stores send.
pub(crate) fn operation(sql: &str) -> &'static str {
    const KNOWN: [&str; 8] = ["select", "insert", "update", "delete", "with", "begin", "commit", "rollback"];
    let word = sql.split_ascii_whitespace().next().unwrap_or_default();
    KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(word)).unwrap_or("other")
}
