//! The settings of the section `idempotency`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What becomes of requests that carry `Idempotency-Key`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether the header means anything: the first answer is given again to whoever repeats the request.
    pub enabled: bool,
    /// Where answers are kept.
    pub backend: Backend,
    /// How long an answer is given again, in seconds.
    #[cfg_attr(feature = "settings", schemars(range(min = 60, max = 2_592_000)))]
    pub ttl_seconds: u32,
    /// The largest answer that is kept, headers and body in bytes. The key of a larger one is free again.
    #[cfg_attr(feature = "settings", schemars(range(min = 1024, max = 1_048_576)))]
    pub max_response_bytes: u32,
    /// The most memory for answers, in bytes, where `backend` is `memory`. When it is full, the oldest go first.
    #[cfg_attr(feature = "settings", schemars(range(min = 1_048_576, max = 17_179_869_184_u64)))]
    pub max_memory_bytes: u64,
}

/// Where answers are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// In the database: for every process that shares it, and over restarts.
    #[default]
    Database,
    /// In the memory of this process: for a single one.
    Memory,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: true,
            backend: Backend::default(),
            ttl_seconds: 86_400,
            max_response_bytes: 262_144,
            max_memory_bytes: 67_108_864,
        }
    }
}

impl Settings {
    /// How long an answer is given again.
    #[must_use]
    pub fn ttl(&self) -> Duration {
        Duration::from_secs(self.ttl_seconds.into())
    }
}
