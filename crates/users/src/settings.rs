//! The settings of the section `users`.

use std::num::NonZeroU32;

use palisade_config::{Problems, Rules};
use palisade_core::Environment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is kept of users in the cache.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long a user is cached, in seconds, if `CACHE_DEFAULT_TTL_SECONDS` is not shorter.
    #[schemars(range(min = 1, max = 86_400))]
    pub cache_ttl_seconds: NonZeroU32,
}

impl Default for Settings {
    fn default() -> Self {
        const MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();
        Self { cache_ttl_seconds: MINUTE }
    }
}

impl Rules for Settings {
    fn check(&self, _: Environment, _: &mut Problems) {}
}
