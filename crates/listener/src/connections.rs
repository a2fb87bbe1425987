//! How many connections are open, and whether they should be let go.

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
    /// From here on an idle connection is one too many.
    scarce_from: usize,
}

struct Shared {
    open: AtomicUsize,
    turned_away: AtomicU64,
    draining: AtomicBool,
    none_left: Notify,
    leave: watch::Sender<Leave>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Leave {
    Nobody,
    WhoIsHere,
    Everyone,
}

impl Connections {
    /// None yet.
    pub(crate) fn none() -> Self {
        Self(Arc::new(Shared {
            open: AtomicUsize::new(0),
            turned_away: AtomicU64::new(0),
            draining: AtomicBool::new(false),
            none_left: Notify::new(),
            leave: watch::Sender::new(Leave::Nobody),
        }))
    }

    /// Those of a listener that holds `most` at once.
    pub(crate) fn of_listener(&self, most: usize) -> ListenerConnections {
        let own = Own { open: AtomicUsize::new(0), scarce_from: most - most / 10 };
        ListenerConnections { all: self.clone(), own: Arc::new(own) }
    }

    /// From now on each response asks its client to come back on a new connection.
    pub(crate) fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// How many were not served for that reason.
    pub(crate) fn turned_away_total(&self) -> u64 {
        self.0.turned_away.load(Ordering::Relaxed)
    }

    /// Asks the present connections to end, the idle ones now and the others after their response. A new
    /// one still gets its first request served.
    pub(crate) fn let_go_of_present(&self) {
        self.0.leave.send_replace(Leave::WhoIsHere);
    }

    /// Asks every connection to end, the ones to come included.
    pub(crate) fn let_go_of_all(&self) {
        self.0.leave.send_replace(Leave::Everyone);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.open.load(Ordering::Acquire)
    }

    /// Waits until no connection is open.
    pub(crate) async fn none_left(&self) {
        loop {
            let closed = self.0.none_left.notified();
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
    /// Counts a connection for as long as the guard lives.
    pub(crate) fn opened(&self) -> OpenGuard {
        self.all.0.open.fetch_add(1, Ordering::Relaxed);
        self.own.open.fetch_add(1, Ordering::Relaxed);
        OpenGuard(self.clone())
    }

    /// Whether nine tenths of all there may be are open, so that none should be kept for a request to come.
    pub(crate) fn are_scarce(&self) -> bool {
        self.own.open.load(Ordering::Relaxed) >= self.own.scarce_from
    }

    /// Whether a client that is served should come back on a new connection.
    pub(crate) fn want_no_more(&self) -> bool {
        self.all.0.draining.load(Ordering::Relaxed) || self.are_scarce()
    }

    /// A connection was not served because its client has too many.
    pub(crate) fn turned_away(&self) {
        self.all.0.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until a connection that begins now should end.
    pub(crate) fn let_go(&self) -> impl Future<Output = ()> + use<> {
        let mut leave = self.all.0.leave.subscribe();
        async move {
            if *leave.borrow_and_update() != Leave::Everyone {
                // The sender cannot be gone before the connection, which holds the guard.
                let _ = leave.changed().await;
            }
        }
    }
}

/// One open connection.
pub(crate) struct OpenGuard(ListenerConnections);

impl Drop for OpenGuard {
    fn drop(&mut self) {
        let ListenerConnections { all, own } = &self.0;
        own.open.fetch_sub(1, Ordering::Relaxed);
        if all.0.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            all.0.none_left.notify_waiters();
        }
    }
}
