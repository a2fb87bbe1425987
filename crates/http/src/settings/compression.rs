//! The section `compression`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::compression::DEFAULT_MIN_SIZE;

/// Compressed responses.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CompressionSettings {
    /// The size of a body from which on it is compressed, in bytes. Smaller ones fit into a packet or two anyway.
    pub min_size_bytes: u64,
}

impl Default for CompressionSettings {
    fn default() -> Self {
        Self { min_size_bytes: DEFAULT_MIN_SIZE }
    }
}
