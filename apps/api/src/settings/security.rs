//! The section `security`.

use palisade_http::client_address::ForwardingHeader;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the edge refuses.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SecuritySettings {
    /// The largest request body, in bytes; a larger one is a 413.
    #[schemars(range(min = 1024, max = 1_073_741_824))]
    pub max_request_size: usize,
    /// The proxies in front of the server, as addresses and networks (`10.0.0.0/8`, `2001:db8::7`). What they say in
    /// `Forwarded`, `X-Forwarded-For` and `X-Forwarded-Proto` is believed; from everybody else it is ignored.
    pub trusted_proxies: Vec<String>,
    /// The header that those proxies write. `any` takes whichever is there, and neither when the two name different
    /// clients. Name the one they write, unless they remove the other from what clients send.
    pub forwarding_header: ForwardingHeader,
}

impl Default for SecuritySettings {
    fn default() -> Self {
        Self {
            max_request_size: 1_048_576,
            trusted_proxies: Vec::new(),
            forwarding_header: ForwardingHeader::default(),
        }
    }
}
