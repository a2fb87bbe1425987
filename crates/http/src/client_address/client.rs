//! The client of a request, for handlers and layers.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    net::{IpAddr, Ipv4Addr},
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};

/// The client of a request: the nearest one that is not a trusted proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Its address; `0.0.0.0` where the connection has none, as in a test without sockets.
    pub ip: IpAddr,
    /// Whether it speaks https, be it to us or to the outermost trusted proxy.
    pub https: bool,
}

impl Client {
    /// The client as [`ClientAddress`](super::ClientAddress) found it; without that layer, the peer of the connection.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let found = request.extensions().get::<Self>().copied();
        found.unwrap_or_else(|| Self::connected(request))
    }

    /// The peer of the connection, whatever the headers say.
    pub(super) fn connected(request: &HttpRequest) -> Self {
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        Self { ip: peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), https: request.app_config().secure() }
    }
}

/// The address of the client, for handlers and for whatever counts, logs or locates clients.
///
/// ```
/// use palisade_http::client_address::ClientIp;
///
/// async fn handler(ClientIp(ip): ClientIp) -> String {
///     format!("You are {ip}")
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// The address in [`Client::of`].
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        Self(Client::of(request).ip)
    }
}

impl FromRequest for ClientIp {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
