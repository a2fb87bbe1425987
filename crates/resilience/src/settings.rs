//! The settings of the sections `circuit_breaker` and `retry`.

use std::{sync::Arc, time::Duration};

use palisade_core::{Random, Timeline};
use serde::{Deserialize, Serialize};

use crate::{
    Backoff, Breaker, BreakerPolicy, InvalidBackoff, Policy, PolicyBuilder, Retry, RetryBudget, Trip,
};

/// When a callee that keeps failing is left alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "settings", schemars(extend("x-env-ours-alone" = true)))]
pub struct CircuitBreakerSettings {
    /// How many failures in a row open the breaker.
    #[cfg_attr(feature = "settings", schemars(
        range(min = 1, max = 4_000),
        extend("x-env-aliases" = [
            "SECURITY_CIRCUIT_BREAKER_THRESHOLD",
            {
                "name": "SECURITY_ENABLE_CIRCUIT_BREAKER",
                "instead": "circuit breakers are always on; CIRCUIT_BREAKER_FAILURE_THRESHOLD says when they open"
            }
        ])
    ))]
    pub failure_threshold: u16,
    /// How long the callee is left alone before it is tried again, in seconds.
    #[cfg_attr(feature = "settings", schemars(
        range(min = 1, max = 86_400),
        extend("x-env-aliases" = ["SECURITY_CIRCUIT_BREAKER_TIMEOUT", "CIRCUIT_BREAKER_RECOVERY_TIMEOUT"])
    ))]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RetrySettings {
    /// How often a call is made at most; 1 for no retries.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 100)))]
    pub max_attempts: u32,
    /// The most that the wait before the second attempt can be, in milliseconds; before each further one it is up to
    /// twice as long.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 3_600_000)))]
    pub base_delay_ms: u32,
    /// The most that any wait can be, in milliseconds; not less than `base_delay_ms`.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 3_600_000)))]
    pub max_delay_ms: u32,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self { max_attempts: Retry::DEFAULT_ATTEMPTS, base_delay_ms: 100, max_delay_ms: 2_000 }
    }
}

impl RetrySettings {
    /// Whether the delays fit each other, for the program to report at `retry.max_delay_ms` with the other problems of
    /// its settings.
    ///
    /// # Errors
    /// When the longest delay is shorter than the first.
    pub fn check(&self) -> Result<(), InvalidBackoff> {
        let (base, max) = self.delays();
        if max < base { Err(InvalidBackoff { base, max }) } else { Ok(()) }
    }

    /// The settings as retries without a budget.
    ///
    /// # Errors
    /// When the longest delay is shorter than the first.
    pub fn retry(&self, random: Arc<dyn Random>) -> Result<Retry, InvalidBackoff> {
        let (base, max) = self.delays();
        Ok(Retry::new(Backoff::new(base, max, random)?).attempts(self.max_attempts))
    }

    fn delays(&self) -> (Duration, Duration) {
        let millis = |millis: u32| Duration::from_millis(millis.into());
        (millis(self.base_delay_ms), millis(self.max_delay_ms))
    }
}

impl PolicyBuilder {
    /// With what the settings say: a breaker of the policy's name, and retries with the standard budget, both of its
    /// own. Time limits are the caller's to add, who knows how long the callee may take.
    ///
    /// # Errors
    /// When the longest delay is shorter than the first.
    pub fn settings(
        self,
        breaker: &CircuitBreakerSettings,
        retry: &RetrySettings,
        timeline: Timeline,
        random: Arc<dyn Random>,
    ) -> Result<Self, InvalidBackoff> {
        let retry = retry.retry(random)?.budget(RetryBudget::standard(timeline.clone()));
        let breaker = Breaker::new(self.name(), breaker.policy(), timeline);
        Ok(self.retry(retry).breaker(breaker))
    }
}

impl Policy {
    /// The policy of the settings, with no time limit and no bulkhead: see [`PolicyBuilder::settings`], to which they
    /// can be added.
    ///
    /// # Errors
    /// When the longest delay is shorter than the first.
    pub fn from_settings(
        name: impl Into<Arc<str>>,
        breaker: &CircuitBreakerSettings,
        retry: &RetrySettings,
        timeline: Timeline,
        random: Arc<dyn Random>,
    ) -> Result<Self, InvalidBackoff> {
        Ok(Self::builder(name).settings(breaker, retry, timeline, random)?.build())
    }
}

#[cfg(test)]
mod tests {
    use palisade_core::SeededRandom;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_contract() {
        let breaker = serde_json::to_value(CircuitBreakerSettings::default()).unwrap();
        assert_eq!(breaker, json!({ "failure_threshold": 5, "recovery_timeout_seconds": 60 }));
        let retry = serde_json::to_value(RetrySettings::default()).unwrap();
        assert_eq!(retry, json!({ "max_attempts": 3, "base_delay_ms": 100, "max_delay_ms": 2_000 }));
        assert_eq!(CircuitBreakerSettings::default().policy(), BreakerPolicy::default());
    }

    #[cfg(feature = "settings")]
    #[test]
    fn the_other_names_of_a_setting_and_its_least_value_stand_in_the_schema() {
        let schema = serde_json::Value::from(schemars::schema_for!(CircuitBreakerSettings));
        for (name, alias) in [
            ("failure_threshold", "SECURITY_CIRCUIT_BREAKER_THRESHOLD"),
            ("recovery_timeout_seconds", "SECURITY_CIRCUIT_BREAKER_TIMEOUT"),
        ] {
            let property = &schema["properties"][name];
            assert_eq!((&property["x-env-aliases"][0], &property["minimum"]), (&json!(alias), &json!(1)));
        }
        let schema = serde_json::Value::from(schemars::schema_for!(RetrySettings));
        for name in ["max_attempts", "base_delay_ms", "max_delay_ms"] {
            assert_eq!(schema["properties"][name]["minimum"], json!(1), "{name}");
        }
    }

    #[test]
    fn rejects_a_longest_delay_below_the_first() {
        let retry = RetrySettings { base_delay_ms: 300, max_delay_ms: 299, ..RetrySettings::default() };
        let message = "the longest delay (max, 299ms) must not be shorter than the first (base, 300ms)";
        assert_eq!(retry.check().unwrap_err().to_string(), message);
        assert!(retry.retry(Arc::new(SeededRandom::new(1))).is_err());
        assert_eq!(RetrySettings { max_delay_ms: 300, ..retry }.check(), Ok(()));
    }

    #[test]
    fn a_policy_of_settings_has_a_breaker_of_its_name() {
        let (breaker, retry) = (CircuitBreakerSettings::default(), RetrySettings::default());
        let random = Arc::new(SeededRandom::new(1));
        let policy = Policy::from_settings(
            "billing",
            &breaker,
            &retry,
            Timeline::steady(&palisade_core::SystemClock),
            random,
        )
        .unwrap();
        assert_eq!((policy.name(), policy.breaker().map(Breaker::name)), ("billing", Some("billing")));
    }
}
