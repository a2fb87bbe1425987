//! The section `redis` of the settings.

use std::time::Duration;

use palisade_core::Secret;
use serde::{Deserialize, Serialize};

use crate::{Address, UrlError};

/// Where Redis is and how long a request waits for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The Redis server that all replicas share: `redis://user:password@host:6379/0`, `rediss://` with TLS, or
    /// `unix:///path`. Special characters in the password are percent-encoded. Unset: each process counts in its own
    /// memory.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = [
        "SECURITY_REDIS_URL",
        {
            "name": "SECURITY_REDIS_ENABLED",
            "instead": "Redis is used where REDIS_URL names one; to do without, leave REDIS_URL unset"
        }
    ])))]
    pub url: Option<Secret>,
    /// Connections to Redis. Each carries any number of commands at once, so few are enough.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 64)))]
    pub pool_size: u8,
    /// How long a command may take, in milliseconds. Then Redis counts as lost: callers go on without it, at once,
    /// until it answers a ping within this time.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 60_000)))]
    pub timeout_ms: u64,
    /// How long a connection may take to be made, in milliseconds, at start and when a lost server is tried again.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 60_000)))]
    pub connect_timeout_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { url: None, pool_size: 2, timeout_ms: 100, connect_timeout_ms: 500 }
    }
}

impl Settings {
    /// The defaults with a server.
    #[must_use]
    pub fn for_url(url: impl Into<String>) -> Self {
        Self { url: Some(Secret::new(url)), ..Self::default() }
    }

    /// Reads the URL without connecting, so that a wrong one is reported with the other settings.
    ///
    /// # Errors
    /// Which part of the URL is wrong; never with the URL itself.
    pub fn parse_url(&self) -> Result<Option<Address>, UrlError> {
        self.url.as_ref().map(|url| Address::parse(url.expose())).transpose()
    }

    pub(crate) const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    pub(crate) const fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }
}
