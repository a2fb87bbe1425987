//! Counts open connections and tells them when to close.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use tokio::sync::{Notify, watch};

/// The open connections of all listeners of a server.
#[derive(Clone)]
pub(crate) struct Connections(Arc<Shared>);

/// The open connections of one listener among them.
#[derive(Clone)]
pub(crate) struct ListenerConnections {
    all: Connections,
    own: Arc<Own>,
}

struct Own {
    open: AtomicUsize,
    /// The number of open connections from which on idle ones are closed.
    near_limit_from: usize,
}

struct Shared {
    open: AtomicUsize,
    refused: AtomicU64,
    draining: AtomicBool,
    all_closed: Notify,
    close_order: watch::Sender<CloseOrder>,
}

/// Which connections should close.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CloseOrder {
    None,
    /// Those that were open when the order was given.
    Current,
    /// Those and all later ones.
    All,
}

impl Connections {
    /// No connections yet.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared {
            open: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
            draining: AtomicBool::new(false),
            all_closed: Notify::new(),
            close_order: watch::Sender::new(CloseOrder::None),
        }))
    }

    /// The connections of one listener, which accepts at most `max` at once.
    pub(crate) fn of_listener(&self, max: usize) -> ListenerConnections {
        let own = Own { open: AtomicUsize::new(0), near_limit_from: max - max / 10 };
        ListenerConnections { all: self.clone(), own: Arc::new(own) }
    }

    /// Starts draining: from now on each response has `connection: close`.
    pub(crate) fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// Connections refused so far because their client was over its limit.
    pub(crate) fn refused_total(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// Closes the connections that are open now: idle ones at once, the others after their response. A connection that
    /// is accepted later still gets its first request served.
    pub(crate) fn close_current(&self) {
        self.0.close_order.send_replace(CloseOrder::Current);
    }

    /// Closes all connections, including those that are accepted later.
    pub(crate) fn close_all(&self) {
        self.0.close_order.send_replace(CloseOrder::All);
    }

    /// The number of open connections.
    pub(crate) fn count(&self) -> usize {
        self.0.open.load(Ordering::Acquire)
    }

    /// Waits until no connection is open.
    pub(crate) async fn all_closed(&self) {
        loop {
            let closed = self.0.all_closed.notified();
            tokio::pin!(closed);
            closed.as_mut().enable();
            if self.count() == 0 {
                return;
            }
            closed.await;
        }
    }
}

impl ListenerConnections {
    /// Counts a connection as open until the guard is dropped.
    pub(crate) fn opened(&self) -> OpenGuard {
        self.all.0.open.fetch_add(1, Ordering::Relaxed);
        self.own.open.fetch_add(1, Ordering::Relaxed);
        OpenGuard(self.clone())
    }

    /// Whether at least 90 % of the allowed connections are open. Then no idle connection should be kept.
    pub(crate) fn are_near_limit(&self) -> bool {
        self.own.open.load(Ordering::Relaxed) >= self.own.near_limit_from
    }

    /// Whether a response should close its connection.
    pub(crate) fn should_close(&self) -> bool {
        self.all.0.draining.load(Ordering::Relaxed) || self.are_near_limit()
    }

    /// Counts a connection that was refused because its client is over its limit.
    pub(crate) fn count_refused(&self) {
        self.all.0.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until a connection that starts now should close.
    pub(crate) fn close_requested(&self) -> impl Future<Output = ()> + use<> {
        let mut close_order = self.all.0.close_order.subscribe();
        async move {
            if *close_order.borrow_and_update() != CloseOrder::All {
                // The connection holds the guard, and the guard holds the sender.
                let _ = close_order.changed().await;
            }
        }
    }
}

/// Counts one connection as open until it is dropped.
pub(crate) struct OpenGuard(ListenerConnections);

impl Drop for OpenGuard {
    fn drop(&mut self) {
        let ListenerConnections { all, own } = &self.0;
        own.open.fetch_sub(1, Ordering::Relaxed);
        if all.0.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            all.0.all_closed.notify_waiters();
        }
    }
}
