//! What browsers are told.

use palisade_core::Environment;
use serde::{Deserialize, Serialize};

use crate::security_headers::{API_POLICY, InvalidPolicy, SecurityHeaders};

/// What browsers are told; part of the section `security`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SecurityHeadersSettings {
    /// Sends `Strict-Transport-Security` to clients that speak https: browsers then refuse plain http to this host and
    /// all names below it for a year.
    #[cfg_attr(feature = "settings", schemars(extend("x-default-by-environment" = "off, in production on")))]
    pub enable_hsts: Option<bool>,
    /// Adds `preload` to it: browser makers may then put this host on the list of those that they reach by https alone.
    /// That is hard to take back.
    pub hsts_preload: bool,
    /// Sends `Content-Security-Policy`. The pages that the server has itself keep a policy of their own.
    pub enable_csp: bool,
    /// That policy.
    pub csp_policy: String,
}

impl Default for SecurityHeadersSettings {
    fn default() -> Self {
        Self { enable_hsts: None, hsts_preload: false, enable_csp: true, csp_policy: API_POLICY.to_owned() }
    }
}

impl SecurityHeadersSettings {
    /// Whether clients that speak https are told to never speak plain http again: in production.
    #[must_use]
    pub fn hsts(&self, environment: Environment) -> bool {
        self.enable_hsts.unwrap_or(environment.is_production())
    }

    /// The layer.
    ///
    /// # Errors
    /// When the policy cannot be sent, also where it is not to be.
    pub fn layer(&self, environment: Environment) -> Result<SecurityHeaders, InvalidPolicy> {
        let headers = SecurityHeaders::with_policy(&self.csp_policy)?;
        let headers = if self.enable_csp { headers } else { SecurityHeaders::without_policy() };
        Ok(match (self.hsts(environment), self.hsts_preload) {
            (true, true) => headers.with_hsts_preload(),
            (true, false) => headers.with_hsts(),
            (false, _) => headers,
        })
    }
}
