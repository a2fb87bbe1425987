//! The TLS handshake.

use tokio::time::timeout_at;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::Tls;
use crate::{
    admission::Admitted,
    config::ConnectionConfig,
    service::Accept,
    transport::{Tcp, Transport},
};

impl Transport for TlsStream<Tcp> {
    const SECURE: bool = true;

    fn tcp(&self) -> &Tcp {
        self.get_ref().0
    }
}

impl Accept for Tls {
    type Transport = TlsStream<Tcp>;

    /// Runs the handshake within the time limit of the first head. A connection over the client's limit is closed before
    /// it, since a handshake is expensive.
    async fn accept(
        &self,
        tcp: Tcp,
        admitted: &Admitted,
        config: &ConnectionConfig,
    ) -> Option<Self::Transport> {
        if admitted.over_limit {
            return None;
        }
        let handshake = TlsAcceptor::from(self.config.clone()).accept(tcp);
        let end = admitted.since.checked_add(config.limits.head)?;
        tokio::select! {
            stream = timeout_at(end, handshake) => stream.ok()?.ok(),
            () = config.connections.close_requested() => None,
        }
    }
}
