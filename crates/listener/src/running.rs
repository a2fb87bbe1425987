//! A server that accepts connections.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    task::Poll,
    time::{Duration, Instant},
};

use actix_server::ServerHandle;
use futures_util::future::{join_all, select_all};
use tokio::task::{JoinHandle, JoinSet};

use crate::{certificates::Certificates, connections::Connections, options::Options};

/// How long the connections that are open when the server stops have to end, twice, before the listeners
/// close. Without it actix-server, which looks at its workers once a second, would make each stop last one.
const FAREWELL: Duration = Duration::from_millis(100);

/// An address that is listened on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The listener's name.
    pub listener: &'static str,
    /// The address, with the port that was picked.
    pub address: SocketAddr,
}

/// A server that accepts connections.
pub struct Running {
    options: Options,
    connections: Connections,
    bound: Vec<Bound>,
    handles: Vec<ServerHandle>,
    tasks: Vec<JoinHandle<io::Result<()>>>,
    certificates: Certificates,
    /// Watch the certificates for as long as the server runs.
    _watches: JoinSet<()>,
}

impl Running {
    pub(crate) async fn start(
        options: Options,
        connections: Connections,
        certificates: Certificates,
        parts: Vec<(Vec<Bound>, actix_server::Server)>,
    ) -> io::Result<Self> {
        let (bound, handles, tasks) = (Vec::new(), Vec::new(), Vec::new());
        let mut watches = JoinSet::new();
        certificates.watch(&mut watches);
        let mut running =
            Self { options, connections, bound, handles, tasks, certificates, _watches: watches };
        for (bound, mut server) in parts {
            let handle = server.handle();
            // Its first poll starts the threads and waits for their applications; then it is pending.
            let first = poll_fn(|cx| Poll::Ready(Pin::new(&mut server).poll(cx))).await;
            if let Poll::Ready(Err(error)) = first {
                running.stop_at_once().await;
                return Err(error);
            }
            running.tasks.push(tokio::spawn(server));
            running.handles.push(handle);
            running.bound.extend(bound);
        }
        for Bound { listener, address } in &running.bound {
            tracing::info!(listener, %address, "server.listening");
        }
        Ok(running)
    }

    /// The addresses that are listened on.
    #[must_use]
    pub fn bound(&self) -> &[Bound] {
        &self.bound
    }

    /// The numbers it runs with.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// How many connections are open.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.connections.count()
    }

    /// How many connections were not served because their client has too many.
    #[must_use]
    pub fn turned_away_connections(&self) -> u64 {
        self.connections.turned_away_total()
    }

    /// The certificates of its listeners.
    pub(crate) fn certificates(&self) -> Certificates {
        self.certificates.clone()
    }

    /// Serves on, but each response now asks its client to come back on a new connection.
    pub fn drain(&self) {
        self.connections.drain();
    }

    /// Closes the idle connections and the listeners, and lets the others finish their request, for at most
    /// [`Options::shutdown_timeout`]. Whether all could finish. The worker threads have ended then.
    pub async fn stop(self) -> bool {
        self.drain();
        // Twice, for those that were on their way in the first time.
        for _ in 0..2 {
            self.connections.let_go_of_present();
            let _ = tokio::time::timeout(FAREWELL, self.connections.none_left()).await;
        }
        self.connections.let_go_of_all();
        let since = Instant::now();
        join_all(self.handles.iter().map(|handle| handle.stop(true))).await;
        let in_time = since.elapsed() < self.options.shutdown_timeout;
        if !in_time {
            tracing::warn!(limit_seconds = self.options.shutdown_timeout.as_secs(), "server.stop_overdue");
        }
        in_time
    }

    /// Closes the listeners and all connections. One that does not end by itself within a moment is cut off.
    pub async fn stop_soon(self) {
        self.drain();
        self.connections.let_go_of_all();
        let _ = tokio::time::timeout(FAREWELL, self.connections.none_left()).await;
        self.stop_at_once().await;
    }

    /// Closes everything, whatever it is doing.
    pub async fn stop_at_once(self) {
        join_all(self.handles.iter().map(|handle| handle.stop(false))).await;
    }

    /// Ends when a listener ends without having been told to.
    pub async fn crashed(&mut self) -> io::Error {
        if self.tasks.is_empty() {
            return std::future::pending().await;
        }
        let (outcome, index, _) = select_all(self.tasks.iter_mut()).await;
        drop(self.tasks.swap_remove(index));
        match outcome {
            Ok(Ok(())) => io::Error::other("a listener ended by itself"),
            Ok(Err(error)) => error,
            Err(panic) => io::Error::other(panic),
        }
    }
}
