//! Limits the open connections of each client.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::connections::ListenerConnections;
use palisade_core::client_network;

/// Minimum time between two log lines about refused connections.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// The maximum number of open connections per client.
#[derive(Clone)]
pub struct ClientLimit {
    max: u32,
    exempt: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

impl ClientLimit {
    /// Allows `max` connections per client. A client is an IPv4 address or an IPv6 /64, which is what a provider gives
    /// one customer (RFC 6177).
    #[must_use]
    pub fn new(max: u32) -> Self {
        Self { max, exempt: Arc::new(|_| false) }
    }

    /// Exempts these addresses from the limit, for example those of a proxy that many clients share.
    #[must_use]
    pub fn except(self, exempt: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self { exempt: Arc::new(exempt), ..self }
    }
}

impl fmt::Debug for ClientLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientLimit").field("max", &self.max).finish_non_exhaustive()
    }
}

/// Counts the open connections of each client.
pub(crate) struct Clients {
    limit: ClientLimit,
    open: Mutex<HashMap<IpAddr, u32>>,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    last_line: Option<Instant>,
    /// Refused connections since the last line.
    unreported: u64,
}

/// How a client's new connection is treated.
pub(crate) enum Admission {
    /// The client has no limit.
    Exempt,
    Serve(ConnectionSlot),
    /// Over the limit: answer 503 and close.
    Refuse(ConnectionSlot),
    /// Far over the limit: close without a response.
    Drop,
}

impl Clients {
    pub(crate) fn new(limit: ClientLimit) -> Self {
        Self { limit, open: Mutex::default(), log: Mutex::default() }
    }

    /// Decides about a new connection. Connections over the limit get a 503, and those over twice the limit are dropped.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr, connections: &ListenerConnections) -> Admission {
        let client = client_network(address);
        if (self.limit.exempt)(address.to_canonical()) {
            return Admission::Exempt;
        }
        let max = self.limit.max;
        let mut open = self.open();
        let count = open.entry(client).or_insert(0);
        let before = *count;
        if before < max.saturating_mul(2) {
            *count += 1;
        }
        drop(open);
        if before < max {
            return Admission::Serve(ConnectionSlot { clients: Arc::clone(self), client });
        }
        connections.count_refused();
        self.log(client);
        match before < max.saturating_mul(2) {
            true => Admission::Refuse(ConnectionSlot { clients: Arc::clone(self), client }),
            false => Admission::Drop,
        }
    }

    fn log(&self, client: IpAddr) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.unreported += 1;
        if log.last_line.is_some_and(|last_line| last_line.elapsed() < LOG_INTERVAL) {
            return;
        }
        let turned_away = std::mem::take(&mut log.unreported);
        log.last_line = Some(Instant::now());
        drop(log);
        let limit = self.limit.max;
        tracing::warn!(client_ip = %client, limit, turned_away, "server.client_connections_exceeded");
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One counted connection of a client. Dropping it frees its slot.
pub(crate) struct ConnectionSlot {
    clients: Arc<Clients>,
    client: IpAddr,
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        if let Entry::Occupied(mut open) = self.clients.open().entry(self.client) {
            *open.get_mut() -= 1;
            if *open.get() == 0 {
                open.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::Connections;

    fn admitted(clients: &Arc<Clients>, address: &str) -> Admission {
        clients.admit(address.parse().unwrap(), &Connections::new().of_listener(100))
    }

    #[test]
    fn connections_over_the_limit_are_refused_and_those_over_twice_the_limit_dropped() {
        let clients = Arc::new(Clients::new(ClientLimit::new(2)));
        let first = admitted(&clients, "192.0.2.1");
        let second = admitted(&clients, "::ffff:192.0.2.1");
        assert!(matches!((&first, &second), (Admission::Serve(_), Admission::Serve(_))));
        let refused = [admitted(&clients, "192.0.2.1"), admitted(&clients, "192.0.2.1")];
        assert!(refused.iter().all(|admission| matches!(admission, Admission::Refuse(_))));
        assert!(matches!(admitted(&clients, "192.0.2.1"), Admission::Drop));
        assert!(matches!(admitted(&clients, "192.0.2.2"), Admission::Serve(_)));
        drop((first, refused));
        assert!(matches!(admitted(&clients, "192.0.2.1"), Admission::Serve(_)));
        drop(second);
        assert!(clients.open().is_empty(), "clients without connections are removed");
    }

    #[test]
    fn addresses_of_one_ipv6_network_share_a_limit() {
        let clients = Arc::new(Clients::new(ClientLimit::new(1)));
        let first = admitted(&clients, "2001:db8:1:2::1");
        assert!(matches!(first, Admission::Serve(_)));
        assert!(matches!(admitted(&clients, "2001:db8:1:2:ffff::"), Admission::Refuse(_)));
        assert!(matches!(admitted(&clients, "2001:db8:1:3::1"), Admission::Serve(_)));
    }

    #[test]
    fn exempt_addresses_are_not_counted() {
        let clients = Arc::new(Clients::new(ClientLimit::new(1).except(|address| address.is_loopback())));
        for address in ["127.0.0.1", "127.0.0.1", "::ffff:127.0.0.1", "::1", "::1"] {
            assert!(matches!(admitted(&clients, address), Admission::Exempt), "{address}");
        }
        assert!(clients.open().is_empty());
    }
}
