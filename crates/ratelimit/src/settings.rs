//! The settings of the section `rate_limit`.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Algorithm, InvalidPolicy, MemoryOptions, Policy, Quota, memory::DEFAULT_MAX_KEYS};

/// How often a client may come.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "settings", schemars(extend("x-env-ours-alone" = true)))]
pub struct Settings {
    /// Whether requests are limited.
    #[cfg_attr(feature = "settings", schemars(extend(
        "x-env-aliases" = [
            "SECURITY_RATE_LIMIT_ENABLED",
            {
                "name": "SECURITY_ENABLE_DDOS_PROTECTION",
                "instead": "the limits of connections and requests are always on; RATE_LIMIT_ENABLED and \
                            SERVER_MAX_IN_FLIGHT_PER_CLIENT say how much one client may do"
            }
        ],
        "x-default-by-environment" = "on, in local and test off"
    )))]
    pub enabled: Option<bool>,
    /// Where requests are counted: in each process, or on Redis for all processes together. Unset: on Redis when
    /// there is one.
    pub backend: Option<Backend>,
    /// How they are counted.
    pub algorithm: Algorithm,
    /// How many requests a client may make in a window.
    #[cfg_attr(feature = "settings", schemars(range(min = 1), extend("x-env-aliases" = ["SECURITY_RATE_LIMIT_PER_MINUTE", "RATE_LIMIT_DEFAULT_LIMIT"])))]
    pub requests: u32,
    /// How long the window is, in seconds.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 86_400), extend("x-env-aliases" = ["RATE_LIMIT_DEFAULT_WINDOW"])))]
    pub window_seconds: u32,
    /// How many requests a client may make in an hour besides; 0 for no such limit.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = ["SECURITY_RATE_LIMIT_PER_HOUR"])))]
    pub per_hour: u32,
    /// Allowance on top of `requests`: a client that has been away may send `requests` + `burst` at once. A token bucket
    /// still refills `requests` in each window; sliding and fixed windows never let more than `requests` + `burst` through.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = ["SECURITY_RATE_LIMIT_BURST"])))]
    pub burst: u32,
    /// What counts as one client.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = [{
        "name": "SECURITY_API_KEY_HEADER",
        "instead": "API keys are read from the header X-API-Key"
    }])))]
    pub key: KeyKind,
    /// How many processes share the limits. While Redis is lost, each lets through its share.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 10_000)))]
    pub replicas: u32,
    /// How many requests of a client's limit a process takes from Redis at once and then counts down by itself, at most a
    /// tenth of the limit; 0: each request asks Redis. Takes `algorithm` `fixed_window` and `per_hour` 0. Never more than
    /// the limit is let through; what a process has taken and not used when the window ends is lost to the client.
    pub lease: u32,
    /// How many clients each process counts at most when it counts in memory; 300,000 take 64 MiB at most. Beyond,
    /// those who have the most left of their limit are forgotten first.
    #[cfg_attr(feature = "settings", schemars(range(min = 1_000, max = 100_000_000)))]
    pub max_keys: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: None,
            backend: None,
            algorithm: Algorithm::default(),
            requests: 60,
            window_seconds: 60,
            per_hour: 1_000,
            burst: 10,
            key: KeyKind::default(),
            replicas: 1,
            lease: 0,
            max_keys: DEFAULT_MAX_KEYS.get(),
        }
    }
}

impl Settings {
    /// The limits as a policy of this name.
    ///
    /// # Errors
    /// When the name is none that a policy can have, or a number is out of the range that its setting documents.
    pub fn policy(&self, name: impl Into<Arc<str>>) -> Result<Policy, InvalidPolicy> {
        let window = Duration::from_secs(self.window_seconds.into());
        let mut quotas = vec![Quota::new(self.requests, window)?.with_burst(self.burst)];
        if self.per_hour > 0 {
            // The burst belongs to the shorter window.
            quotas.push(Quota::per_hour(self.per_hour));
        }
        Policy::new(name, self.algorithm, quotas)
    }

    /// How many processes share the limits.
    #[must_use]
    pub fn replicas(&self) -> NonZeroU32 {
        NonZeroU32::new(self.replicas).unwrap_or(NonZeroU32::MIN)
    }

    /// How much of a limit a process takes from Redis at once, if not each request asks.
    #[must_use]
    pub fn lease(&self) -> Option<NonZeroU32> {
        NonZeroU32::new(self.lease)
    }

    /// How large a limiter in memory may become.
    #[must_use]
    pub fn memory_options(&self) -> MemoryOptions {
        MemoryOptions { max_keys: self.max_keys.try_into().unwrap_or(DEFAULT_MAX_KEYS) }
    }
}

/// Where requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// In each process for itself.
    Memory,
    /// On Redis, for all processes together.
    Redis,
}

/// What counts as one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// The client's address; of IPv6 its /64.
    #[default]
    Ip,
    /// The user, and the address of whoever is not signed in.
    User,
    /// The API key, and the address of whoever sends none.
    ApiKey,
    /// The address and the user together.
    IpUser,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_contract() {
        let policy = Settings::default().policy("api").unwrap();
        assert_eq!(policy.algorithm(), Algorithm::TokenBucket);
        assert_eq!(policy.quotas(), [Quota::per_minute(60).with_burst(10), Quota::per_hour(1_000)]);
    }

    #[test]
    fn nothing_means_no_hourly_limit_and_no_burst() {
        let policy = Settings { per_hour: 0, burst: 0, ..Settings::default() }.policy("api").unwrap();
        assert_eq!(policy.quotas(), [Quota::per_minute(60)]);
        assert_eq!(policy.quotas()[0].capacity(), 60);
    }

    #[test]
    fn a_window_of_nothing_is_refused() {
        for settings in [
            Settings { window_seconds: 0, ..Settings::default() },
            Settings { requests: 0, ..Settings::default() },
        ] {
            assert!(matches!(settings.policy("api"), Err(InvalidPolicy::Quota(_))));
        }
    }
}
