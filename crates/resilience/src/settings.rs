//! The settings of the sections `circuit_breaker` and `retry`.

use std::{sync::Arc, time::Duration};

use palisade_core::Random;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Backoff, Breaker, BreakerPolicy, InvalidBackoff, Policy, Retry, RetryBudget, Timeline, Trip};

/// When a callee that keeps failing is left alone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CircuitBreakerSettings {
    /// How many failures in a row open the breaker.
    #[schemars(
        range(min = 1, max = 4_000),
        extend("x-env-aliases" = ["SECURITY_CIRCUIT_BREAKER_THRESHOLD"])
    )]
    pub failure_threshold: u16,
    /// How long the callee is left alone before it is tried again, in seconds.
    #[schemars(
        range(min = 1, max = 86_400),
        extend("x-env-aliases" = ["SECURITY_CIRCUIT_BREAKER_TIMEOUT"])
    )]
    pub recovery_timeout_seconds: u32,
}

impl Default for CircuitBreakerSettings {
    fn default() -> Self {
        Self { failure_threshold: 5, recovery_timeout_seconds: 60 }
    }
}

impl CircuitBreakerSettings {
    /// The settings as a policy.
    #[must_use]
    pub fn policy(&self) -> BreakerPolicy {
        BreakerPolicy::default()
            .trip_at(Trip::consecutive(self.failure_threshold))
            .recover_after(Duration::from_secs(self.recovery_timeout_seconds.into()))
    }
}

/// How a call that failed is made again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetrySettings {
    /// How often a call is made at most; 1 for no retries.
    #[schemars(range(min = 1, max = 100))]
    pub max_attempts: u32,
    /// The most that the wait before the second attempt can be, in milliseconds; before each further one it is up to
    /// twice as long.
    #[schemars(range(min = 1, max = 3_600_000))]
    pub base_delay_ms: u32,
    /// The most that any wait can be, in milliseconds; not less than `base_delay_ms`.
    #[schemars(range(min = 1, max = 3_600_000))]
    pub max_delay_ms: u32,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self { max_attempts: Retry::DEFAULT_ATTEMPTS, base_delay_ms: 100, max_delay_ms: 2_000 }
    }
}

/// The longest delay is shorter than the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("retry.max_delay_ms ({max}) must not be less than retry.base_delay_ms ({base})")]
pub struct InvalidDelays {
    /// `base_delay_ms`.
    pub base: u32,
    /// `max_delay_ms`.
    pub max: u32,
}

impl RetrySettings {
    /// Whether the delays fit each other, for the program to report with the other problems of its settings; they belong
    /// to `retry.max_delay_ms`.
    ///
    /// # Errors
    /// When the longest delay is shorter than the first.
    pub const fn check(&self) -> Result<(), InvalidDelays> {
        let (base, max) = (self.base_delay_ms, self.max_delay_ms);
        if max < base { Err(InvalidDelays { base, max }) } else { Ok(()) }
    }

    /// The settings as retries without a budget.
    ///
    /// # Errors
    /// When the longest delay is shorter than the first.
    pub fn retry(&self, random: Arc<dyn Random>) -> Result<Retry, InvalidBackoff> {
        let millis = |millis: u32| Duration::from_millis(millis.into());
        let backoff = Backoff::new(millis(self.base_delay_ms), millis(self.max_delay_ms), random)?;
        Ok(Retry::new(backoff).attempts(self.max_attempts))
    }
}

impl Policy {
    /// The policy of the settings: a breaker of this name, and retries with the standard budget, both its own. Time limits
    /// are the caller's to add: nothing here knows how long the callee may take.
    ///
    /// # Errors
    /// When the longest delay is shorter than the first.
    pub fn from_settings(
        name: impl Into<Arc<str>>,
        breaker: &CircuitBreakerSettings,
        retry: &RetrySettings,
        timeline: Timeline,
        random: Arc<dyn Random>,
    ) -> Result<crate::PolicyBuilder, InvalidBackoff> {
        let name = name.into();
        let retry = retry.retry(random)?.budget(RetryBudget::standard(timeline.clone()));
        let breaker = Breaker::new(name.clone(), breaker.policy(), timeline);
        Ok(Self::builder(name).retry(retry).breaker(breaker))
    }
}
