//! What each connection of a listener needs to know.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use super::{
    Options, RefusalPacing, clients::Clients, connections::ListenerConnections, panics::Panics,
    refusal::Refusals,
};

/// How long a connection that is being closed may take to say what it still has to say.
pub(super) const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// What each connection of a listener needs to know.
#[derive(Clone)]
pub(super) struct ConnectionConfig {
    /// The listener's own address.
    pub(super) address: SocketAddr,
    pub(super) limits: Limits,
    pub(super) refusals: Arc<Refusals>,
    pub(super) connections: ListenerConnections,
    pub(super) clients: Option<Arc<Clients>>,
    pub(super) pacing: RefusalPacing,
    pub(super) panics: Panics,
}

/// How long a client may take for what.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Between two requests.
    pub(super) idle: Duration,
    /// For a head.
    pub(super) head: Duration,
    /// For a body.
    pub(super) body: Duration,
    /// For reading a part of the response.
    pub(super) write: Duration,
}

impl From<&Options> for Limits {
    fn from(options: &Options) -> Self {
        Self {
            idle: options.keep_alive,
            head: options.head_timeout,
            body: options.body_timeout,
            write: options.write_timeout,
        }
    }
}
