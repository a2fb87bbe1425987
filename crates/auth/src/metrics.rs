//! What authentication measures.

use std::{sync::Arc, time::Duration};

use palisade_core::{Error, Result};
use palisade_telemetry::metrics::{Declaration, Telemetry};

use crate::TokenError;

palisade_telemetry::metrics! {
    /// What is measured of signing in and of calls.
    pub(crate) struct Metrics {
        /// Attempts to sign in (`password`) or to renew (`refresh`), by outcome: `success`, `failure`, or `error` of ours.
        attempts: Counter["method", "outcome"] = "auth_attempts_total",
        /// Why attempts and tokens were refused: `invalid_credentials`, `invalid_refresh_token`, `refresh_reuse`,
        /// `token_expired`, `token_invalid`, `token_revoked`.
        pub(crate) failures: Counter["reason"] = "auth_failures_total",
        /// Access tokens that were looked at, by verdict: `valid`, `expired`, `invalid`, `revoked`.
        validations: Counter["outcome"] = "auth_token_validations_total",
        /// Tokens that were issued: `access` or `refresh`.
        pub(crate) issued: Counter["kind"] = "auth_tokens_issued_total",
        /// Sessions that are alive, as counted every 15 seconds.
        pub(crate) sessions: Gauge[] = "auth_sessions_active",
        /// Checks of a route's requirement, `caller` or a permission, by outcome: `granted` or `denied`.
        pub(crate) permissions: Counter["requirement", "outcome"] = "permission_checks_total",
        /// Requests that showed an API key and nothing else: `unsupported` as long as no keys are issued.
        pub(crate) api_keys: Counter["outcome"] = "api_key_usage_total",
    }
}

palisade_telemetry::metrics! {
    /// What is measured of the hashing threads.
    pub(crate) struct HashingMetrics {
        /// How long a password took to `hash` or to `verify`, the wait for a thread included, in seconds.
        duration: Histogram["operation"] = "password_hash_duration_seconds",
        /// Passwords that wait for a thread.
        pub(crate) queue: Gauge[] = "password_hash_queue",
    }
}

/// What this crate measures.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED, HashingMetrics::DECLARED];

/// Why attempts and tokens are refused, so that what has not happened yet reads zero.
const REASONS: [&str; 6] = [
    "invalid_credentials",
    "invalid_refresh_token",
    "refresh_reuse",
    "token_expired",
    "token_invalid",
    "token_revoked",
];

impl Metrics {
    /// The measurements, with each reason of a refusal at zero.
    pub(crate) fn with_reasons(telemetry: &Arc<dyn Telemetry>) -> Self {
        let metrics = Self::new(telemetry);
        for reason in REASONS {
            metrics.failures.at_zero([reason]);
        }
        metrics
    }

    pub(crate) fn attempted<T>(&self, method: &str, result: &Result<T>) {
        let outcome = match result {
            Ok(_) => "success",
            Err(error) if is_fault(error) => "error",
            Err(error) => {
                let reason = error.reason().and_then(|reason| reason.strip_prefix("auth."));
                self.failures.with([reason.unwrap_or("other")]).increment();
                "failure"
            }
        };
        self.attempts.with([method, outcome]).increment();
    }

    pub(crate) fn validated(&self, outcome: Validation) {
        let (outcome, failure) = match outcome {
            Validation::Valid => ("valid", None),
            Validation::Revoked => ("revoked", Some("token_revoked")),
            Validation::Refused(TokenError::OutOfTime) => ("expired", Some("token_expired")),
            Validation::Refused(_) => ("invalid", Some("token_invalid")),
        };
        self.validations.with([outcome]).increment();
        if let Some(reason) = failure {
            self.failures.with([reason]).increment();
        }
    }
}

impl HashingMetrics {
    pub(crate) fn took(&self, operation: &str, took: Duration) {
        self.duration.with([operation]).observe_duration(took);
    }
}

/// What became of an access token.
pub(crate) enum Validation {
    Valid,
    /// Its session has ended or its user is disabled.
    Revoked,
    Refused(TokenError),
}

fn is_fault(error: &Error) -> bool {
    error.status() >= 500
}
