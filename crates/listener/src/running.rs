//! A started server.

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

/// How long a stop waits for idle connections to close, twice, before it closes the listeners. actix-server checks its
/// workers once per second, so without this wait each stop would last a second.
const CLOSE_GRACE: Duration = Duration::from_millis(100);

/// The address of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The listener's name.
    pub listener: &'static str,
    /// The bound address, with the actual port.
    pub address: SocketAddr,
}

/// A started server, which accepts connections.
pub struct Running {
    options: Options,
    connections: Connections,
    bound: Vec<Bound>,
    handles: Vec<ServerHandle>,
    tasks: Vec<JoinHandle<io::Result<()>>>,
    certificates: Certificates,
    /// Tasks that reload the certificates. They end with the server.
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
            // The first poll starts the worker threads and waits for their applications.
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

    /// The bound addresses.
    #[must_use]
    pub fn bound(&self) -> &[Bound] {
        &self.bound
    }

    /// The options it runs with.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The number of open connections.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.connections.count()
    }

    /// The number of connections refused so far because their client was over its limit.
    #[must_use]
    pub fn refused_connections(&self) -> u64 {
        self.connections.refused_total()
    }

    /// The certificates of all listeners.
    pub(crate) fn certificates(&self) -> Certificates {
        self.certificates.clone()
    }

    /// Starts draining: the server keeps serving, but each response has `connection: close`.
    pub fn drain(&self) {
        self.connections.drain();
    }

    /// Shuts down gracefully: closes listeners and idle connections, and waits for open requests for at most
    /// [`Options::shutdown_timeout`]. Returns whether all requests finished. The worker threads have ended then.
    pub async fn stop(self) -> bool {
        self.drain();
        // Twice, for connections that were being accepted during the first round.
        for _ in 0..2 {
            self.connections.close_current();
            let _ = tokio::time::timeout(CLOSE_GRACE, self.connections.all_closed()).await;
        }
        self.connections.close_all();
        let since = Instant::now();
        join_all(self.handles.iter().map(|handle| handle.stop(true))).await;
        let in_time = since.elapsed() < self.options.shutdown_timeout;
        if !in_time {
            tracing::warn!(limit_seconds = self.options.shutdown_timeout.as_secs(), "server.stop_overdue");
        }
        in_time
    }

    /// Closes the listeners and all connections. Open requests get 100 milliseconds to finish.
    pub async fn stop_soon(self) {
        self.drain();
        self.connections.close_all();
        let _ = tokio::time::timeout(CLOSE_GRACE, self.connections.all_closed()).await;
        self.stop_at_once().await;
    }

    /// Closes everything at once, open requests included.
    pub async fn stop_at_once(self) {
        join_all(self.handles.iter().map(|handle| handle.stop(false))).await;
    }

    /// Waits until a listener fails or ends unexpectedly.
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
