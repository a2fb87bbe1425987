//! What checks are measured by.

use std::{num::NonZeroU32, sync::Arc};

use palisade_telemetry::{
    metrics::{Declaration, Telemetry},
    trace_span,
};
use tracing::Instrument as _;

use crate::{Checking, Decision, Error, FallbackStatus, LimitKey, Policy, RateLimiter};

palisade_telemetry::metrics! {
    /// What is measured of a limiter.
    struct Metrics {
        /// Checks by rule and outcome: `allowed`, `refused`, `failed` (nobody could say).
        checks: Counter["rule", "outcome"] = "rate_limit_checks_total",
        /// Checks that were refused: answers with status 429.
        hits: Counter["rule"] = "rate_limit_hits_total",
        /// What whoever was checked last had left.
        remaining: Gauge["rule"] = "rate_limit_remaining",
        /// Whether the memory counts because the shared store is lost: 1 or 0.
        fallback_active: Gauge[] = "rate_limit_fallback_active",
        /// How often that began.
        fallbacks: Counter[] = "rate_limit_fallbacks_total",
    }
}

/// What this crate measures.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];

/// A limiter whose checks are measured, under the names of their policies.
#[derive(Debug)]
pub struct MeasuredRateLimiter {
    limiter: Arc<dyn RateLimiter>,
    metrics: Metrics,
}

impl MeasuredRateLimiter {
    /// Measures the checks of `limiter`.
    #[must_use]
    pub fn new(limiter: Arc<dyn RateLimiter>, telemetry: &Arc<dyn Telemetry>) -> Self {
        Self { limiter, metrics: Metrics::new(telemetry) }
    }
}

impl Metrics {
    fn checked(&self, policy: &Policy, answer: &Result<Decision, Error>) {
        let rule = policy.name();
        let outcome = match answer {
            Ok(decision) => {
                self.remaining.with([rule]).set(decision.remaining.into());
                if decision.allowed { "allowed" } else { "refused" }
            }
            Err(_) => "failed",
        };
        self.checks.with([rule, outcome]).increment();
        if outcome == "refused" {
            self.hits.with([rule]).increment();
        }
    }
}

impl RateLimiter for MeasuredRateLimiter {
    fn check<'a>(&'a self, policy: &'a Policy, key: &'a LimitKey, cost: NonZeroU32) -> Checking<'a> {
        let span = trace_span!("rate_limit", rule = policy.name());
        match span.in_scope(|| self.limiter.check(policy, key, cost)) {
            Checking::Now(Some(answer)) => {
                self.metrics.checked(policy, &answer);
                Checking::now(answer)
            }
            checking => Checking::later(
                async move {
                    let answer = checking.await;
                    self.metrics.checked(policy, &answer);
                    answer
                }
                .instrument(span),
            ),
        }
    }

    fn tend(&self) {
        self.limiter.tend();
    }

    fn losses(&self) -> u64 {
        self.limiter.losses()
    }
}

impl FallbackStatus {
    /// Has it measured each time before metrics are read.
    pub(crate) fn measure(&self, telemetry: &Arc<dyn Telemetry>) {
        let (metrics, status) = (Metrics::new(telemetry), self.clone());
        telemetry.before_reading(Box::new(move || {
            metrics.fallback_active.with([]).set_flag(status.is_on());
            // Each began and, but for the present one, ended.
            metrics.fallbacks.with([]).total(status.transitions().div_ceil(2));
        }));
    }
}
