//! The numbers a server runs with.

use std::time::Duration;

use actix_server::ServerBuilder;

/// How long and how much a server takes. The defaults are those of the documented settings.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How long a connection may be idle between two requests.
    pub keep_alive: Duration,
    /// How long a request head may take to arrive, from its first byte or from the start of the connection.
    pub head_timeout: Duration,
    /// How long a request body may take to arrive, all of it. Whoever reads it gets an error then; one that nobody
    /// reads ends the connection.
    pub body_timeout: Duration,
    /// For how long a client may let a response wait. It has to read 1 KiB a second on average over each stretch
    /// of this length in which something waits for it, else its connection is reset.
    pub write_timeout: Duration,
    /// How many connections a listener holds at once where it has no bound of its own; more wait unaccepted.
    /// From nine tenths on, idle connections make room and each response ends its connection.
    pub max_connections: usize,
    /// How long the server goes on as usual after it was told to stop, so that whoever sends traffic here
    /// learns not to.
    pub drain_delay: Duration,
    /// How long requests that are being served may take to finish once nothing new is taken.
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
    /// actix-server with these numbers, for a listener that holds `most` connections at once. It bounds those of each
    /// worker, so there are no more workers than connections. It leaves the signals to us.
    pub(crate) fn builder(&self, workers: usize, most: usize) -> ServerBuilder {
        let workers = workers.min(most.max(1));
        let whole_seconds = self.shutdown_timeout.as_secs_f64().ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of a float saturates"
        )]
        let seconds = whole_seconds as u64;
        ServerBuilder::new()
            .workers(workers)
            .max_concurrent_connections((most / workers).max(1))
            .shutdown_timeout(seconds)
            .disable_signals()
    }
}
