//! From a TCP connection to one over TLS.

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

    /// The handshake is a part of the first head, as far as time is concerned. A client that has too many connections
    /// is not worth one.
    async fn accept(
        &self,
        tcp: Tcp,
        admitted: &Admitted,
        config: &ConnectionConfig,
    ) -> Option<Self::Transport> {
        if admitted.one_too_many {
            return None;
        }
        let handshake = TlsAcceptor::from(self.config.clone()).accept(tcp);
        let end = admitted.since.checked_add(config.limits.head)?;
        tokio::select! {
            stream = timeout_at(end, handshake) => stream.ok()?.ok(),
            () = config.connections.let_go() => None,
        }
    }
}
