//! The section `request_logging`.

use serde::{Deserialize, Serialize};

use crate::request_logging::DEFAULT_MAX_BODY_SIZE;

/// Requests and answers in the log, with what is personal or secret masked, for whoever looks for a fault.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RequestLoggingSettings {
    /// Whether they can be logged. Then they are, at the level `info` of the target `http.exchange`.
    #[cfg_attr(feature = "settings", schemars(extend("x-default-by-environment" = "on where APP_DEBUG is on")))]
    pub enabled: Option<bool>,
    /// How much of a body is shown, in bytes. Log lines show at most 8 KiB of it; 0 shows none.
    #[cfg_attr(feature = "settings", schemars(range(max = 65_536)))]
    pub max_body_size: usize,
    /// The patterns of routes that are left out with those below them, besides health checks, such as `/api/v1/reports`.
    pub exempt_paths: Vec<String>,
}

impl Default for RequestLoggingSettings {
    fn default() -> Self {
        Self { enabled: None, max_body_size: DEFAULT_MAX_BODY_SIZE, exempt_paths: Vec::new() }
    }
}
