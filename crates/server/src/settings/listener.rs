//! The section `server`.

use std::{num::NonZeroU32, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The public listener.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// The address to listen on.
    #[schemars(extend("x-env-aliases" = [{"name": "HOST", "ignore_invalid": true, "form": "address"}]))]
    pub host: String,
    /// The port to listen on; 0 picks a free one.
    #[schemars(extend("x-env-aliases" = [{"name": "PORT", "ignore_invalid": true}]))]
    pub port: u16,
    /// The file with the certificate chain in PEM format. With it and `tls_key` the public listener serves TLS only. Both
    /// files are reloaded when they change.
    pub tls_cert: Option<PathBuf>,
    /// The file with the certificate's private key, in PEM format and not encrypted.
    pub tls_key: Option<PathBuf>,
    /// How many threads serve requests. Unset: one for each core.
    #[schemars(range(min = 1, max = 512))]
    pub workers: Option<usize>,
    /// Keep-alive: how long a connection may be idle between two requests, in seconds.
    #[schemars(range(max = 86_400))]
    pub keep_alive_seconds: u64,
    /// Time limit for receiving a request head, in seconds. On a new connection it counts from the start of the
    /// connection.
    #[schemars(range(min = 1, max = 86_400))]
    pub header_timeout_seconds: u64,
    /// Time limit for receiving a whole request body, in seconds.
    #[schemars(range(min = 1, max = 86_400))]
    pub body_timeout_seconds: u64,
    /// Window for detecting slow readers, in seconds. While response bytes are waiting, a client must read at least 1 KiB
    /// per second on average over each window, or its connection is reset.
    #[schemars(range(min = 1, max = 86_400))]
    pub write_timeout_seconds: u64,
    /// Time limit for a handler, in seconds. After it the client gets 504.
    #[schemars(range(min = 1, max = 86_400))]
    pub request_timeout_seconds: u64,
    /// Maximum number of open connections. More wait in the accept queue. From 90 % on, idle connections are closed and
    /// each response closes its connection. The limit is lower when the process may not open so many files (`ulimit -n`).
    #[schemars(range(min = 1))]
    pub max_connections: usize,
    /// Maximum number of open connections per client. A client is an IPv4 address or an IPv6 /64. A connection over the
    /// limit gets 503. Trusted proxies have no limit. Unset: 256, and no limit for loopback addresses.
    #[schemars(range(min = 1))]
    pub max_connections_per_client: Option<u32>,
    /// Maximum number of requests in flight, all workers together. More wait in the queue.
    pub max_in_flight: NonZeroU32,
    /// Maximum number of requests in the queue. More get 503.
    pub queue_limit: u32,
    /// How long a request may wait in the queue before it gets 503, in milliseconds.
    #[schemars(range(max = 60_000))]
    pub queue_timeout_ms: u64,
    /// Maximum delay, in milliseconds, of a request that is sent on a connection before the `Retry-After` of its last
    /// refusal has passed, while refusals use too much of the server's capacity. A request that would wait for more than
    /// half of it is refused. 0 turns the delay off. Trusted proxies are never delayed.
    #[schemars(range(max = 10_000))]
    pub refusal_delay_ms: u64,
    /// Maximum number of requests in flight or in the queue per client. More get 429.
    pub max_in_flight_per_client: NonZeroU32,
    /// How long the server keeps serving after a stop signal, in seconds, while its readiness probe already fails.
    #[schemars(extend("x-default-by-environment" = "5, in local and test 0"))]
    #[schemars(range(max = 86_400))]
    pub drain_delay_seconds: Option<u64>,
    /// How long open requests may take to finish during a stop, in seconds.
    #[schemars(range(max = 86_400))]
    pub shutdown_timeout_seconds: u64,
}

/// By Little's law, 50,000 requests per second of 80 ms each, which is more than one process can serve. So nothing is
/// refused in normal operation, and the requests fit into memory when all handlers hang.
const MAX_IN_FLIGHT: NonZeroU32 = NonZeroU32::MIN.saturating_add(4_095);

/// Half of the capacity. It is not less, since many people may share an address.
const MAX_IN_FLIGHT_PER_CLIENT: NonZeroU32 = NonZeroU32::MIN.saturating_add(2_047);

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 8000,
            tls_cert: None,
            tls_key: None,
            workers: None,
            keep_alive_seconds: 75,
            header_timeout_seconds: 5,
            body_timeout_seconds: 10,
            write_timeout_seconds: 10,
            request_timeout_seconds: 15,
            max_connections: 25_000,
            max_connections_per_client: None,
            max_in_flight: MAX_IN_FLIGHT,
            queue_limit: MAX_IN_FLIGHT.get(),
            queue_timeout_ms: 1_000,
            refusal_delay_ms: 1_000,
            max_in_flight_per_client: MAX_IN_FLIGHT_PER_CLIENT,
            drain_delay_seconds: None,
            shutdown_timeout_seconds: 20,
        }
    }
}
