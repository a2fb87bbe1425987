//! The section `management`.

use std::net::IpAddr;

use palisade_core::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The management listener: health, metrics and switches, never public by accident.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ManagementSettings {
    /// Whether there is one.
    pub enabled: bool,
    /// The address to listen on.
    pub host: String,
    /// The port to listen on; 0 picks a free one.
    #[schemars(extend("x-env-aliases" = [{"name": "METRICS_PORT", "ignore_invalid": true}]))]
    pub port: u16,
    /// What whoever asks for more than health must show as a bearer token. In production it is required where the host
    /// is no loopback address.
    pub token: Option<Secret>,
}

impl Default for ManagementSettings {
    fn default() -> Self {
        Self { enabled: true, host: "127.0.0.1".to_owned(), port: 9090, token: None }
    }
}

impl ManagementSettings {
    /// The least length of a token, in bytes.
    pub const MIN_TOKEN: usize = 16;

    /// Whether nobody but this machine reaches the listener.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let address: Option<IpAddr> = self.host.trim_matches(['[', ']']).parse().ok();
        self.host == "localhost" || address.is_some_and(|address| address.is_loopback())
    }
}
