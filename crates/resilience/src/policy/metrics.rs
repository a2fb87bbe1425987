//! What policies measure.

palisade_telemetry::metrics! {
    /// What is measured of each policy.
    pub(crate) struct PolicyMetrics {
        /// Attempts that came after a failed one.
        pub(crate) attempts: Counter["policy"] = "retry_attempts_total",
        /// Calls that were given up after a failed attempt, because they had had their `attempts` or their time, or the
        /// retry `budget` was spent.
        pub(crate) exhausted: Counter["policy", "reason"] = "retry_exhausted_total",
        /// Calls that succeeded after a failed attempt.
        pub(crate) recovered: Counter["policy"] = "retry_success_after_failure_total",
        /// Waits between two attempts, in seconds.
        pub(crate) delay: Histogram["policy"] = "retry_delay_seconds",
    }
}
