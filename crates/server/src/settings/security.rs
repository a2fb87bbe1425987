//! The section `security`.

use palisade_core::Secret;
use palisade_http::settings::{
    BodyLimitSettings, ClientAddressSettings, ContentSettings, SecurityHeadersSettings, TrustedHostsSettings,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the edge refuses.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("x-env-ours-alone" = true, "additionalProperties" = false))]
pub struct SecuritySettings {
    /// The hosts that are served.
    #[serde(flatten)]
    pub hosts: TrustedHostsSettings,
    /// The proxies that are believed.
    #[serde(flatten)]
    pub proxies: ClientAddressSettings,
    /// How large bodies may be.
    #[serde(flatten)]
    pub bodies: BodyLimitSettings,
    /// What addresses and bodies may look like.
    #[serde(flatten)]
    pub content: ContentSettings,
    /// What browsers are told.
    #[serde(flatten)]
    pub headers: SecurityHeadersSettings,
    /// When a count of refusals is an alert.
    #[serde(flatten)]
    pub alerts: SecurityAlertsSettings,
}

/// When a count of refusals is an alert, and who is told.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SecurityAlertsSettings {
    /// How many requests rate limits may refuse within five minutes, in one process, before that is an alert.
    #[schemars(range(min = 1))]
    pub alert_rate_limit_threshold: u64,
    /// The same of sign-ins, renewals and tokens that fail.
    #[schemars(range(min = 1))]
    pub alert_auth_failure_threshold: u64,
    /// Who is told of alerts: a webhook, by requests that are signed (Standard Webhooks). Its path may be a
    /// secret, and it is shown nowhere. Unset: nobody.
    #[schemars(extend("x-env-aliases" = [{
        "name": "SECURITY_ENABLE_ALERTING",
        "instead": "alerts go to SECURITY_ALERT_WEBHOOK_URL where it is set, and to nobody where it is not"
    }]))]
    pub alert_webhook_url: Option<Secret>,
    /// What those are signed with: `whsec_…` or any text. Unset: a key derived from `AUTH_JWT_SECRET`.
    pub alert_webhook_secret: Option<Secret>,
}

impl Default for SecurityAlertsSettings {
    fn default() -> Self {
        Self {
            alert_rate_limit_threshold: 100,
            alert_auth_failure_threshold: 50,
            alert_webhook_url: None,
            alert_webhook_secret: None,
        }
    }
}
