//! The section `security`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the edge refuses.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SecuritySettings {
    /// The largest request body, in bytes; a larger one is a 413.
    #[schemars(range(min = 1024, max = 1_073_741_824))]
    pub max_request_size: usize,
}

impl Default for SecuritySettings {
    fn default() -> Self {
        Self { max_request_size: 1_048_576 }
    }
}
