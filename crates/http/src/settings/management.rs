//! The section `management`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The management listener: health and, later, metrics and switches, never public by accident.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ManagementSettings {
    /// Whether there is one.
    pub enabled: bool,
    /// The address to listen on.
    pub host: String,
    /// The port to listen on; 0 picks a free one.
    #[schemars(extend("x-env-aliases" = ["METRICS_PORT"]))]
    pub port: u16,
}

impl Default for ManagementSettings {
    fn default() -> Self {
        Self { enabled: true, host: "127.0.0.1".to_owned(), port: 9090 }
    }
}
