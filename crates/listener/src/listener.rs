//! Bound sockets.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs},
    time::Duration,
};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

#[cfg(feature = "tls")]
use crate::Tls;
use crate::{ClientLimit, RefusalPacing};

/// Length of the accept queue: connections the kernel holds before they are accepted. The kernel lowers it to its own
/// limit (`net.core.somaxconn`, 4096 on Linux).
const BACKLOG: i32 = 4_096;

/// The bound sockets of one host and port. A host name such as `localhost` may resolve to several addresses.
#[derive(Debug)]
pub struct Listener {
    name: &'static str,
    sockets: Vec<TcpListener>,
    address: SocketAddr,
    clients: Option<ClientLimit>,
    pacing: RefusalPacing,
    max_connections: Option<usize>,
    tls: Option<Tls>,
}

/// The fields of a listener, for the server.
pub(crate) struct Parts {
    pub(crate) name: &'static str,
    pub(crate) sockets: Vec<TcpListener>,
    pub(crate) clients: Option<ClientLimit>,
    pub(crate) pacing: RefusalPacing,
    /// The maximum number of open connections, if the listener has its own.
    pub(crate) max_connections: Option<usize>,
    pub(crate) tls: Option<Tls>,
}

/// Cannot exist without the feature `tls`.
#[cfg(not(feature = "tls"))]
#[derive(Debug)]
pub(crate) enum Tls {}

impl Listener {
    /// Binds `host`, a name or an address, and `port`. Port 0 picks a free one. `name` is used in logs. A host name is
    /// resolved, which blocks.
    ///
    /// # Errors
    /// When the host does not resolve, or an address cannot be bound.
    pub fn bind(name: &'static str, host: &str, port: u16) -> Result<Self, BindError> {
        let failed = |cause| BindError { host: host.to_owned(), port, cause };
        let mut addresses = resolve(host, port).map_err(failed)?.into_iter();
        let missing = || failed(io::Error::new(io::ErrorKind::NotFound, "the host has no address"));
        let (mut sockets, mut cause) = (Vec::<TcpListener>::new(), None);
        let mut address = None;
        for mut candidate in &mut addresses {
            // With port 0, all addresses share the port that was picked for the first one.
            candidate.set_port(address.map_or(port, |bound: SocketAddr| bound.port()));
            match open(candidate).and_then(|socket| Ok((socket.local_addr()?, socket))) {
                Ok((bound, socket)) => {
                    address.get_or_insert(bound);
                    sockets.push(socket);
                }
                // A machine without IPv6 still resolves `localhost` to `::1`. A port in use is always an error.
                Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => cause = Some(error),
                Err(error) => return Err(failed(error)),
            }
        }
        match address {
            Some(address) => {
                let pacing = RefusalPacing::at_most(Duration::ZERO);
                Ok(Self { name, sockets, address, clients: None, pacing, max_connections: None, tls: None })
            }
            None => Err(cause.map_or_else(missing, failed)),
        }
    }

    /// The first bound address, with the actual port.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Limits the connections of each client. A connection over the limit gets a 503; over TLS it is closed without a
    /// response.
    #[must_use]
    pub fn limit_clients(self, limit: ClientLimit) -> Self {
        Self { clients: Some(limit), ..self }
    }

    /// Delays requests of clients that ignore `Retry-After`. By default no request is delayed.
    #[must_use]
    pub fn pace_refusals(self, pacing: RefusalPacing) -> Self {
        Self { pacing, ..self }
    }

    /// Limits the open connections of this listener, instead of
    /// [`Options::max_connections`](crate::Options::max_connections). More connections wait in the accept queue.
    #[must_use]
    pub fn max_connections(self, max: usize) -> Self {
        Self { max_connections: Some(max), ..self }
    }

    /// Serves TLS only on this listener.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(self, tls: Tls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    pub(crate) fn into_parts(self) -> Parts {
        let Self { name, sockets, clients, pacing, max_connections, tls, .. } = self;
        Parts { name, sockets, clients, pacing, max_connections, tls }
    }
}

/// Resolves a host. An IP address, also in brackets (`[::1]`), is not looked up.
fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(address) => Ok(vec![SocketAddr::new(address, port)]),
        Err(_) => Ok((host, port).to_socket_addrs()?.collect()),
    }
}

/// Opens a listening socket. `SO_REUSEADDR` lets a restarted server bind its port while old connections are in
/// `TIME_WAIT`; on Unix it does not let two servers share a port. On Linux accepted connections inherit `TCP_NODELAY`,
/// so that small responses do not wait for an acknowledgement (RFC 896).
fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if cfg!(unix) {
        socket.set_reuse_address(true)?;
    }
    socket.set_tcp_nodelay(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// `TCP_NOTSENT_LOWAT`: how many unsent bytes the kernel buffers for a connection. With this bound, the bytes that the
/// kernel accepts show what the client reads, and a client that does not read costs no more memory than this. A much
/// smaller value would slow fast clients down.
#[cfg(target_os = "linux")]
const MAX_UNSENT: u32 = 32 * 1_024;

/// How much longer than `Stream` the kernel waits for a client that acknowledges nothing. `Stream` comes first because
/// it resets the connection, which the client sees; the kernel drops it silently.
#[cfg(target_os = "linux")]
const KERNEL_GRACE: Duration = Duration::from_secs(3);

/// Sets two options that all connections of the socket inherit: `TCP_NOTSENT_LOWAT`, and `TCP_USER_TIMEOUT` (RFC 5482),
/// which drops a client that acknowledges nothing for that long. The latter catches clients that do not read small
/// responses, which the kernel accepts whole.
#[cfg(target_os = "linux")]
pub(crate) fn tune(socket: &TcpListener, write_timeout: Duration) -> io::Result<()> {
    let socket = SockRef::from(socket);
    socket.set_tcp_notsent_lowat(MAX_UNSENT)?;
    socket.set_tcp_user_timeout(Some(write_timeout.saturating_add(KERNEL_GRACE)))
}

/// On other systems only `Stream` detects slow readers, less precisely.
#[cfg(not(target_os = "linux"))]
pub(crate) fn tune(_: &TcpListener, _: Duration) -> io::Result<()> {
    Ok(())
}

/// An address cannot be bound.
#[derive(Debug)]
pub struct BindError {
    host: String,
    port: u16,
    cause: io::Error,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen on {}:{}: ", self.host, self.port)?;
        match self.cause.kind() {
            io::ErrorKind::AddrInUse => f.write_str("another program listens there already"),
            io::ErrorKind::AddrNotAvailable => f.write_str("this machine does not have that address"),
            io::ErrorKind::PermissionDenied => f.write_str("the operating system does not permit that port"),
            _ => self.cause.fmt(f),
        }
    }
}

impl std::error::Error for BindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
