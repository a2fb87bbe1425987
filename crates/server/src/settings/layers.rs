//! The section `layers`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which layers a request passes through. All are on; each may be taken out, to measure what it costs or because
/// something in front of the server does its work. What a layer does is set in the section of its own name.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LayersSettings {
    /// Names each request: `X-Request-ID`, `traceparent`.
    pub request_id: bool,
    /// Says on each response how long it took: `X-Process-Time`.
    pub process_time: bool,
    /// Writes one log line for each request.
    pub request_log: bool,
    /// Gives every failure the standard body.
    pub renderer: bool,
    /// Announces on each answer of a deprecated route that it is.
    pub deprecation: bool,
    /// Answers 500 for a handler that panics, instead of dropping the connection.
    pub panic_guard: bool,
    /// Sets the headers that tell browsers what not to do.
    pub security_headers: bool,
    /// Refuses requests for hosts that are not ours.
    pub trusted_hosts: bool,
    /// Finds the client behind trusted proxies.
    pub client_address: bool,
    /// Lets pages of allowed origins call the API.
    pub cors: bool,
    /// Bounds what one client has unanswered at once.
    pub surge_guard: bool,
    /// Bounds the requests that are answered at once, and those that wait.
    pub load_shed: bool,
    /// Answers `HEAD` by what answers `GET`.
    pub head: bool,
    /// Compresses responses.
    pub compression: bool,
    /// Refuses addresses that can be read in two ways, and bodies of other types than the method takes.
    pub content: bool,
    /// Bounds each handler's time.
    pub timeout: bool,
    /// Bounds each request's body.
    pub body_limit: bool,
    /// Decompresses request bodies; without it compressed ones are refused.
    pub decompression: bool,
    /// Holds clients to the limit of the whole API. Single routes keep theirs; `rate_limit.enabled` is for all.
    pub rate_limit: bool,
}

impl Default for LayersSettings {
    fn default() -> Self {
        Self {
            request_id: true,
            process_time: true,
            request_log: true,
            renderer: true,
            deprecation: true,
            panic_guard: true,
            security_headers: true,
            trusted_hosts: true,
            client_address: true,
            cors: true,
            surge_guard: true,
            load_shed: true,
            head: true,
            compression: true,
            content: true,
            timeout: true,
            body_limit: true,
            decompression: true,
            rate_limit: true,
        }
    }
}
