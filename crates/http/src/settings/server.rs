//! The section `server`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The public listener.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// The address to listen on.
    #[schemars(extend("x-env-aliases" = ["HOST"]))]
    pub host: String,
    /// The port to listen on; 0 picks a free one.
    #[schemars(extend("x-env-aliases" = ["PORT"]))]
    pub port: u16,
    /// How many threads serve requests. Unset: one for each core.
    #[schemars(range(min = 1, max = 512))]
    pub workers: Option<usize>,
    /// How long a connection may be idle between two requests, in seconds.
    #[schemars(range(max = 86_400))]
    pub keep_alive_seconds: u64,
    /// How long the head of a request may take to arrive, in seconds.
    #[schemars(range(min = 1, max = 86_400))]
    pub header_timeout_seconds: u64,
    /// How long the body of a request may take to arrive, in seconds.
    #[schemars(range(min = 1, max = 86_400))]
    pub body_timeout_seconds: u64,
    /// How long a handler may take, in seconds; after it the caller gets a 504.
    #[schemars(range(min = 1, max = 86_400))]
    pub request_timeout_seconds: u64,
    /// How many connections are held at once; more wait unaccepted.
    #[schemars(range(min = 1))]
    pub max_connections: usize,
    /// How long the server goes on as usual after it was told to stop, in seconds, while its readiness already
    /// says no.
    #[schemars(extend("x-default-by-environment" = "5, in local and test 0"))]
    #[schemars(range(max = 86_400))]
    pub drain_delay_seconds: Option<u64>,
    /// How long requests that are being served may take to finish during a stop, in seconds.
    #[schemars(range(max = 86_400))]
    pub shutdown_timeout_seconds: u64,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 8000,
            workers: None,
            keep_alive_seconds: 75,
            header_timeout_seconds: 5,
            body_timeout_seconds: 10,
            request_timeout_seconds: 15,
            max_connections: 25_000,
            drain_delay_seconds: None,
            shutdown_timeout_seconds: 20,
        }
    }
}
