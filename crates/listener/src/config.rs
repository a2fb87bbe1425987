//! Configuration shared by the connections of a listener.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use crate::{
    Options, RefusalPacing, client_limit::Clients, connections::ListenerConnections,
    error_response::ErrorResponses, panics::Panics,
};

/// Time limit for sending the remaining response when a connection closes.
pub(crate) const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Configuration shared by the connections of a listener.
#[derive(Clone)]
pub(crate) struct ConnectionConfig {
    /// The listener's own address.
    pub(crate) address: SocketAddr,
    pub(crate) limits: Limits,
    pub(crate) error_responses: Arc<ErrorResponses>,
    pub(crate) connections: ListenerConnections,
    pub(crate) clients: Option<Arc<Clients>>,
    pub(crate) pacing: RefusalPacing,
    pub(crate) panics: Panics,
}

/// Time limits of a connection.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Keep-alive: how long a connection may be idle between two requests.
    pub(crate) idle: Duration,
    /// For receiving a request head.
    pub(crate) head: Duration,
    /// For receiving a request body.
    pub(crate) body: Duration,
    /// For a client that does not read its response.
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
