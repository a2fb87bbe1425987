//! How many connections each client may have.

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

/// How often at most the log tells of connections that were turned away.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// How many connections one client may have open.
#[derive(Clone)]
pub struct ClientLimit {
    most: u32,
    exempt: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

impl ClientLimit {
    /// So many for each client, which is an IPv4 address or the /64 of an IPv6 address: what a provider gives one
    /// customer (RFC 6177).
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self { most, exempt: Arc::new(|_| false) }
    }

    /// Any number for these addresses, such as those of a proxy, behind which many clients are.
    #[must_use]
    pub fn except(self, exempt: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self { exempt: Arc::new(exempt), ..self }
    }
}

impl fmt::Debug for ClientLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientLimit").field("most", &self.most).finish_non_exhaustive()
    }
}

/// The connections of each client.
pub(crate) struct Clients {
    limit: ClientLimit,
    open: Mutex<HashMap<IpAddr, u32>>,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    written: Option<Instant>,
    unwritten: u64,
}

/// What a client's next connection gets.
pub(crate) enum Admission {
    Unlimited,
    Welcome(Place),
    OneTooMany(Place),
    FarTooMany,
}

impl Clients {
    pub(crate) fn new(limit: ClientLimit) -> Self {
        Self { limit, open: Mutex::default(), log: Mutex::default() }
    }

    /// As many again as the limit allows may be telling their client that there are too many.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr, connections: &ListenerConnections) -> Admission {
        let client = client_network(address);
        if (self.limit.exempt)(address.to_canonical()) {
            return Admission::Unlimited;
        }
        let most = self.limit.most;
        let mut open = self.open();
        let count = open.entry(client).or_insert(0);
        let before = *count;
        if before < most.saturating_mul(2) {
            *count += 1;
        }
        drop(open);
        if before < most {
            return Admission::Welcome(Place { clients: Arc::clone(self), client });
        }
        connections.turned_away();
        self.log(client);
        match before < most.saturating_mul(2) {
            true => Admission::OneTooMany(Place { clients: Arc::clone(self), client }),
            false => Admission::FarTooMany,
        }
    }

    fn log(&self, client: IpAddr) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.unwritten += 1;
        if log.written.is_some_and(|written| written.elapsed() < LOG_INTERVAL) {
            return;
        }
        let turned_away = std::mem::take(&mut log.unwritten);
        log.written = Some(Instant::now());
        drop(log);
        let limit = self.limit.most;
        tracing::warn!(client_ip = %client, limit, turned_away, "server.client_connections_exceeded");
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of a client's connections.
pub(crate) struct Place {
    clients: Arc<Clients>,
    client: IpAddr,
}

impl Drop for Place {
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
        clients.admit(address.parse().unwrap(), &Connections::none().of_listener(100))
    }

    #[test]
    fn a_client_has_so_many_places_and_as_many_answers() {
        let clients = Arc::new(Clients::new(ClientLimit::new(2)));
        let first = admitted(&clients, "192.0.2.1");
        let second = admitted(&clients, "::ffff:192.0.2.1");
        assert!(matches!((&first, &second), (Admission::Welcome(_), Admission::Welcome(_))));
        let told = [admitted(&clients, "192.0.2.1"), admitted(&clients, "192.0.2.1")];
        assert!(told.iter().all(|admission| matches!(admission, Admission::OneTooMany(_))));
        assert!(matches!(admitted(&clients, "192.0.2.1"), Admission::FarTooMany));
        assert!(matches!(admitted(&clients, "192.0.2.2"), Admission::Welcome(_)));
        drop((first, told));
        assert!(matches!(admitted(&clients, "192.0.2.1"), Admission::Welcome(_)));
        drop(second);
        assert!(clients.open().is_empty(), "nothing is kept of clients that have gone");
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let clients = Arc::new(Clients::new(ClientLimit::new(1)));
        let first = admitted(&clients, "2001:db8:1:2::1");
        assert!(matches!(first, Admission::Welcome(_)));
        assert!(matches!(admitted(&clients, "2001:db8:1:2:ffff::"), Admission::OneTooMany(_)));
        assert!(matches!(admitted(&clients, "2001:db8:1:3::1"), Admission::Welcome(_)));
    }

    #[test]
    fn those_who_are_exempt_are_not_counted() {
        let clients = Arc::new(Clients::new(ClientLimit::new(1).except(|address| address.is_loopback())));
        for address in ["127.0.0.1", "127.0.0.1", "::ffff:127.0.0.1", "::1", "::1"] {
            assert!(matches!(admitted(&clients, address), Admission::Unlimited), "{address}");
        }
        assert!(clients.open().is_empty());
    }
}
