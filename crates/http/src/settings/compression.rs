//! The section `compression`.

use serde::{Deserialize, Serialize};

use crate::{coders::DEFAULT_MEMORY, compression::DEFAULT_MIN_SIZE};

/// Compressed responses and request bodies.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CompressionSettings {
    /// The size of a body from which on it is compressed, in bytes. Smaller ones fit into a packet or two anyway.
    pub min_size_bytes: u64,
    /// The memory that content coders hold at most, in bytes: half of it for compressed request bodies, a quarter for large
    /// responses, a quarter for streamed ones. Beyond it request bodies wait, then get 503; responses are sent uncompressed.
    pub memory_bytes: usize,
}

impl Default for CompressionSettings {
    fn default() -> Self {
        Self { min_size_bytes: DEFAULT_MIN_SIZE, memory_bytes: DEFAULT_MEMORY }
    }
}
