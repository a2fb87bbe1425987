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
    /// The file with the certificate, followed by those that lead to a root, in PEM form. With it and `tls_key` the
    /// public listener speaks TLS, and nothing else. Both files are read again when they change.
    pub tls_cert: Option<PathBuf>,
    /// The file with the certificate's private key, in PEM form and not encrypted.
    pub tls_key: Option<PathBuf>,
    /// How many threads serve requests. Unset: one for each core.
    #[schemars(range(min = 1, max = 512))]
    pub workers: Option<usize>,
    /// How long a connection may be idle between two requests, in seconds.
    #[schemars(range(max = 86_400))]
    pub keep_alive_seconds: u64,
    /// How long the head of a request may take to arrive, in seconds; on a new connection that counts from its
    /// start.
    #[schemars(range(min = 1, max = 86_400))]
    pub header_timeout_seconds: u64,
    /// How long the body of a request may take to arrive, all of it, in seconds.
    #[schemars(range(min = 1, max = 86_400))]
    pub body_timeout_seconds: u64,
    /// For how long a client may let a response wait, in seconds: over each stretch of this length in which something
    /// waits for it, it has to read 1 KiB a second on average, or its connection is reset.
    #[schemars(range(min = 1, max = 86_400))]
    pub write_timeout_seconds: u64,
    /// How long a handler may take, in seconds; after it the caller gets a 504.
    #[schemars(range(min = 1, max = 86_400))]
    pub request_timeout_seconds: u64,
    /// How many connections are held at once; more wait unaccepted. From nine tenths on, idle connections are closed
    /// and each response ends its connection. Fewer where the process may not open so many files (`ulimit -n`).
    #[schemars(range(min = 1))]
    pub max_connections: usize,
    /// How many connections one client may have: an IPv4 address, or the /64 of an IPv6 address. One too many is
    /// answered 503. Trusted proxies may have any number. Unset: 256, and for loopback addresses any number.
    #[schemars(range(min = 1))]
    pub max_connections_per_client: Option<u32>,
    /// How many requests are answered at once, by all workers together; more wait.
    pub max_in_flight: NonZeroU32,
    /// How many requests wait when `max_in_flight` are being answered; more get a 503.
    pub queue_limit: u32,
    /// How long a request waits before it gets a 503, in milliseconds.
    #[schemars(range(max = 60_000))]
    pub queue_timeout_ms: u64,
    /// Longest delay, in milliseconds, of a request that is sent on a connection before the `Retry-After` of its last
    /// refusal has passed, while refusals take too much of the server. One that is let through has waited for half of it at
    /// most, others are refused. 0 delays nothing. Trusted proxies are never delayed.
    #[schemars(range(max = 10_000))]
    pub refusal_delay_ms: u64,
    /// How many requests one client may have unanswered at once; more get a 429.
    pub max_in_flight_per_client: NonZeroU32,
    /// How long the server goes on as usual after it was told to stop, in seconds, while its readiness already
    /// says no.
    #[schemars(extend("x-default-by-environment" = "5, in local and test 0"))]
    #[schemars(range(max = 86_400))]
    pub drain_delay_seconds: Option<u64>,
    /// How long requests that are being served may take to finish during a stop, in seconds.
    #[schemars(range(max = 86_400))]
    pub shutdown_timeout_seconds: u64,
}

/// By Little's law 50,000 requests a second that take 80 ms each, more than one process answers: nothing is
/// refused in normal use, and what is in flight when all handlers hang fits into memory.
const MAX_IN_FLIGHT: NonZeroU32 = NonZeroU32::MIN.saturating_add(4_095);

/// One client takes half of the capacity at most. Many people may share an address, so it is no less.
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
