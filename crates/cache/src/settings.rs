//! The settings of the section `cache`.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::{MemoryOptions, Strategy, Ttl, key};

/// What is kept at hand.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether answers are cached.
    pub enabled: bool,
    /// Where they are cached: in each process, on Redis for all processes together, in memory before Redis, or nowhere.
    /// Unset: on Redis when there is one, else in memory. Several processes that cache in memory alone see each other's
    /// changes when what they hold expires.
    pub backend: Option<Backend>,
    /// How long a value lives, in seconds, unless what caches it says less.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 31_536_000), extend("x-env-aliases" = ["CACHE_TTL_DEFAULT"])))]
    pub default_ttl_seconds: u32,
    /// What the keys on Redis begin with. Programs that share a server have different ones.
    pub prefix: String,
    /// How many values each process holds in memory at most. When it is full, what is asked for most stays.
    #[cfg_attr(feature = "settings", schemars(range(min = 1)))]
    pub max_entries: u64,
    /// How many bytes of memory they take at most.
    #[cfg_attr(feature = "settings", schemars(range(min = 65_536)))]
    pub max_memory_bytes: u64,
    /// How the cache follows what it caches. `write_behind` is for values of your own: what this server stores must be
    /// accepted by the database before it is acknowledged.
    pub strategy: Strategy,
}

impl Default for Settings {
    fn default() -> Self {
        let MemoryOptions { max_bytes, max_entries } = MemoryOptions::default();
        Self {
            enabled: false,
            backend: None,
            default_ttl_seconds: 300,
            prefix: "cache:".to_owned(),
            max_entries,
            max_memory_bytes: max_bytes,
            strategy: Strategy::CacheAside,
        }
    }
}

/// Where values are cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// In each process for itself.
    Memory,
    /// On Redis, for all processes together.
    Redis,
    /// In memory before Redis; the processes tell each other what changes.
    Tiered,
    /// Nowhere.
    None,
}

impl Backend {
    /// The name in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redis => "redis",
            Self::Tiered => "tiered",
            Self::None => "none",
        }
    }

    /// Whether it takes a Redis.
    #[must_use]
    pub const fn needs_redis(self) -> bool {
        matches!(self, Self::Redis | Self::Tiered)
    }
}

impl Settings {
    /// How long a value lives, and no longer than `at_most`.
    #[must_use]
    pub fn ttl(&self, at_most: NonZeroU32) -> Ttl {
        let seconds = NonZeroU32::new(self.default_ttl_seconds).unwrap_or(NonZeroU32::MIN);
        Ttl::seconds(seconds.min(at_most))
    }

    /// How much a cache in memory may hold.
    #[must_use]
    pub const fn memory_options(&self) -> MemoryOptions {
        MemoryOptions { max_bytes: self.max_memory_bytes, max_entries: self.max_entries }
    }

    /// What is wrong with the prefix.
    #[must_use]
    pub fn prefix_problem(&self) -> Option<&'static str> {
        if self.prefix.len() > 64 {
            return Some("has more than 64 bytes");
        }
        match key::check(self.prefix.trim_end_matches(':')) {
            // Clearing the cache would clear the server.
            Err("it is empty") => Some("is empty: keys of others could not be told apart"),
            Err(_) => Some("has a control character"),
            Ok(()) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lives_no_longer_than_either_says() {
        let ttl = |default_ttl_seconds| {
            let settings = Settings { default_ttl_seconds, ..Settings::default() };
            settings.ttl(NonZeroU32::new(60).unwrap()).duration().as_secs()
        };
        assert_eq!((ttl(300), ttl(10), ttl(0)), (60, 10, 1));
    }

    #[test]
    fn a_prefix_tells_our_keys_from_those_of_others() {
        let problem =
            |prefix: &str| Settings { prefix: prefix.to_owned(), ..Settings::default() }.prefix_problem();
        assert_eq!(problem("cache:"), None);
        for wrong in ["", ":", "a\n", &"p".repeat(65)] {
            assert!(problem(wrong).is_some(), "{wrong:?}");
        }
    }
}
