//! What each connection of a listener needs to know.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use crate::{
    Options, RefusalPacing, clients::Clients, connections::ListenerConnections, panics::Panics,
    refusal::Refusals,
};

/// How long a connection that is being closed may take to say what it still has to say.
pub(crate) const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// What each connection of a listener needs to know.
#[derive(Clone)]
pub(crate) struct ConnectionConfig {
    /// The listener's own address.
    pub(crate) address: SocketAddr,
    pub(crate) limits: Limits,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) connections: ListenerConnections,
    pub(crate) clients: Option<Arc<Clients>>,
    pub(crate) pacing: RefusalPacing,
    pub(crate) panics: Panics,
}

/// How long a client may take for what.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Between two requests.
    pub(crate) idle: Duration,
    /// For a head.
    pub(crate) head: Duration,
    /// For a body.
    pub(crate) body: Duration,
    /// For reading a part of the response.
    pub(crate) write: Duration,
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
