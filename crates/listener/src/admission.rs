//! Admission of a new connection under the limit of connections per client.

use std::net::SocketAddr;

use tokio::time::Instant;

use crate::{
    client_limit::{Admission, ConnectionSlot},
    config::ConnectionConfig,
    connections::OpenGuard,
};

/// An admitted connection. It counts as open until it is dropped.
pub(crate) struct Admitted {
    pub(crate) client: Option<SocketAddr>,
    /// When the connection was accepted.
    pub(crate) since: Instant,
    /// Whether the client is over its limit. Such a connection gets a 503 and is closed.
    pub(crate) over_limit: bool,
    _open: OpenGuard,
    _slot: Option<ConnectionSlot>,
}

impl Admitted {
    /// Admits a connection. `None` when the client is so far over its limit that the connection is dropped.
    pub(crate) fn new(client: Option<SocketAddr>, config: &ConnectionConfig) -> Option<Self> {
        let admission = match (&config.clients, client) {
            (Some(clients), Some(address)) => clients.admit(address.ip(), &config.connections),
            _ => Admission::Exempt,
        };
        let (over_limit, slot) = match admission {
            Admission::Exempt => (false, None),
            Admission::Serve(slot) => (false, Some(slot)),
            Admission::Refuse(slot) => (true, Some(slot)),
            Admission::Drop => return None,
        };
        let (since, open) = (Instant::now(), config.connections.opened());
        Some(Self { client, since, over_limit, _open: open, _slot: slot })
    }
}
