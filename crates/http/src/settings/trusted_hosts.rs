//! The hosts that are served.

use serde::{Deserialize, Serialize};

use crate::trusted_hosts::{AllowedHosts, InvalidHost, TrustedHosts};

/// The hosts that are served; part of the section `security`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct TrustedHostsSettings {
    /// The hosts that are served: names, addresses, `*.example.com` for all below a name, `*` for any. A request for
    /// another one is a 400. Ports do not count.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = ["APP_ALLOWED_HOSTS"])))]
    pub allowed_hosts: Vec<String>,
}

impl Default for TrustedHostsSettings {
    fn default() -> Self {
        Self { allowed_hosts: vec!["*".to_owned()] }
    }
}

impl TrustedHostsSettings {
    /// The layer.
    ///
    /// # Errors
    /// The first entry that is no host.
    pub fn layer(&self) -> Result<TrustedHosts, InvalidHost> {
        AllowedHosts::parse(&self.allowed_hosts).map(TrustedHosts::new)
    }
}
