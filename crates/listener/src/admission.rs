//! A connection's place among the others.

use std::net::SocketAddr;

use tokio::time::Instant;

use crate::{
    clients::{Admission, Place},
    config::ConnectionConfig,
    connections::OpenGuard,
};

/// A connection that holds a place.
pub(crate) struct Admitted {
    pub(crate) client: Option<SocketAddr>,
    /// When it was accepted.
    pub(crate) since: Instant,
    /// Its client has too many, so it is told so and nothing else.
    pub(crate) one_too_many: bool,
    _open: OpenGuard,
    _place: Option<Place>,
}

impl Admitted {
    /// Gives the connection a place; none to a client that has so many that it is not even told so.
    pub(crate) fn new(client: Option<SocketAddr>, config: &ConnectionConfig) -> Option<Self> {
        let place = match (&config.clients, client) {
            (Some(clients), Some(address)) => clients.admit(address.ip(), &config.connections),
            _ => Admission::Unlimited,
        };
        let (one_too_many, place) = match place {
            Admission::Unlimited => (false, None),
            Admission::Welcome(place) => (false, Some(place)),
            Admission::OneTooMany(place) => (true, Some(place)),
            Admission::FarTooMany => return None,
        };
        let (since, open) = (Instant::now(), config.connections.opened());
        Some(Self { client, since, one_too_many, _open: open, _place: place })
    }
}
