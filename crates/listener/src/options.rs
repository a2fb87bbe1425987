//! Time limits and connection limits of a server.

use std::time::Duration;

use actix_server::ServerBuilder;

/// Time limits and connection limits of a server. The defaults are those of the documented settings.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Keep-alive: how long a connection may be idle between two requests.
    pub keep_alive: Duration,
    /// Time limit for receiving a request head, from its first byte, or from the start of the connection.
    pub head_timeout: Duration,
    /// Time limit for receiving a whole request body. After it, a handler that reads the body gets an error; if none
    /// does, the connection is closed.
    pub body_timeout: Duration,
    /// Window for detecting slow readers. While response bytes are waiting, a client must read at least 1 KiB per second
    /// on average over each window of this length, or its connection is reset.
    pub write_timeout: Duration,
    /// Maximum number of open connections of a listener that has no limit of its own. More connections wait in the accept
    /// queue. From 90 % on, idle connections are closed and each response closes its connection.
    pub max_connections: usize,
    /// How long the server keeps serving after a stop signal, so that load balancers can notice that it is not ready.
    pub drain_delay: Duration,
    /// How long open requests may take to finish once no new ones are accepted.
    pub shutdown_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(75),
            head_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
            max_connections: 25_000,
            drain_delay: Duration::from_secs(5),
            shutdown_timeout: Duration::from_secs(20),
        }
    }
}

impl Options {
    /// An actix-server with these limits, for a listener of at most `max` connections. actix-server limits the
    /// connections per worker, so there are no more workers than connections. It does not handle signals.
    pub(crate) fn builder(&self, workers: usize, max: usize) -> ServerBuilder {
        let workers = workers.min(max.max(1));
        let whole_seconds = self.shutdown_timeout.as_secs_f64().ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "casting a float saturates"
        )]
        let seconds = whole_seconds as u64;
        ServerBuilder::new()
            .workers(workers)
            .max_concurrent_connections((max / workers).max(1))
            .shutdown_timeout(seconds)
            .disable_signals()
    }
}
