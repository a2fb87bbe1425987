//! A bound address.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs},
    time::Duration,
};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

#[cfg(feature = "tls")]
use crate::Tls;
use crate::{ClientLimit, RefusalPacing};

/// How many connections the kernel may hold that were not accepted yet; it lowers this to its own limit
/// (`net.core.somaxconn`, 4096 on Linux).
const BACKLOG: i32 = 4_096;

/// One or more bound sockets: a host name may stand for several addresses, as `localhost` does.
#[derive(Debug)]
pub struct Listener {
    name: &'static str,
    sockets: Vec<TcpListener>,
    address: SocketAddr,
    clients: Option<ClientLimit>,
    pacing: RefusalPacing,
    most: Option<usize>,
    tls: Option<Tls>,
}

/// A listener's parts, for the server.
pub(crate) struct Parts {
    pub(crate) name: &'static str,
    pub(crate) sockets: Vec<TcpListener>,
    pub(crate) clients: Option<ClientLimit>,
    pub(crate) pacing: RefusalPacing,
    /// How many connections it holds at once, where it has a bound of its own.
    pub(crate) most: Option<usize>,
    pub(crate) tls: Option<Tls>,
}

/// Without that feature there is none.
#[cfg(not(feature = "tls"))]
#[derive(Debug)]
pub(crate) enum Tls {}

impl Listener {
    /// Binds `host`, a name or an address, at `port`; port 0 takes a free one. `name` is what logs call it.
    /// A host name is looked up, which blocks.
    ///
    /// # Errors
    /// When the host has no address, or an address cannot be had.
    pub fn bind(name: &'static str, host: &str, port: u16) -> Result<Self, BindError> {
        let failed = |cause| BindError { host: host.to_owned(), port, cause };
        let mut addresses = resolve(host, port).map_err(failed)?.into_iter();
        let missing = || failed(io::Error::new(io::ErrorKind::NotFound, "the host has no address"));
        let (mut sockets, mut cause) = (Vec::<TcpListener>::new(), None);
        let mut address = None;
        for mut candidate in &mut addresses {
            // A free port is picked once and then the same for each address.
            candidate.set_port(address.map_or(port, |bound: SocketAddr| bound.port()));
            match open(candidate).and_then(|socket| Ok((socket.local_addr()?, socket))) {
                Ok((bound, socket)) => {
                    address.get_or_insert(bound);
                    sockets.push(socket);
                }
                // A machine without IPv6 still resolves `localhost` to it; a taken port is always an error.
                Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => cause = Some(error),
                Err(error) => return Err(failed(error)),
            }
        }
        match address {
            Some(address) => {
                let pacing = RefusalPacing::at_most(Duration::ZERO);
                Ok(Self { name, sockets, address, clients: None, pacing, most: None, tls: None })
            }
            None => Err(cause.map_or_else(missing, failed)),
        }
    }

    /// The first address, with the port that was picked.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Bounds how many connections one client may have here. One too many is told so with a 503, or over TLS closed
    /// without a word.
    #[must_use]
    pub fn limit_clients(self, limit: ClientLimit) -> Self {
        Self { clients: Some(limit), ..self }
    }

    /// Delays clients that ignore `Retry-After`. Without it nobody is delayed.
    #[must_use]
    pub fn pace_refusals(self, pacing: RefusalPacing) -> Self {
        Self { pacing, ..self }
    }

    /// Bounds how many connections are held here at once, all clients together, in place of
    /// [`Options::max_connections`](crate::Options::max_connections); more wait unaccepted.
    #[must_use]
    pub fn max_connections(self, most: usize) -> Self {
        Self { most: Some(most), ..self }
    }

    /// Speaks TLS here, and nothing else.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(self, tls: Tls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    pub(crate) fn into_parts(self) -> Parts {
        let Self { name, sockets, clients, pacing, most, tls, .. } = self;
        Parts { name, sockets, clients, pacing, most, tls }
    }
}

/// An address, `[::1]` included, needs no look-up.
fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(address) => Ok(vec![SocketAddr::new(address, port)]),
        Err(_) => Ok((host, port).to_socket_addrs()?.collect()),
    }
}

/// `SO_REUSEADDR` lets a restarted server have its port while old connections are still in `TIME_WAIT`; on
/// Unix it does not let two servers share a port. Accepted connections inherit `TCP_NODELAY` on Linux, which
/// keeps small answers from waiting for an acknowledgement (RFC 896).
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

/// How much more of a response the kernel takes than it can send at once, in bytes. So what it takes shows what the
/// client reads, and a client that does not read costs no more memory than this. Far below it a fast client
/// would wait for the server.
#[cfg(target_os = "linux")]
const MOST_UNSENT: u32 = 32 * 1_024;

/// How much longer than the stream the kernel waits for a client that acknowledges nothing. The stream ends what is
/// not all written with a reset, which the client sees; the kernel tells nobody.
#[cfg(target_os = "linux")]
const KERNEL_GRACE: Duration = Duration::from_secs(3);

/// Says for all connections of the socket, which inherit it, how much is put on its way, and that a client that
/// acknowledges nothing of it for so long is gone (RFC 5482): the end of one that does not read small answers,
/// which are all written at once.
#[cfg(target_os = "linux")]
pub(crate) fn tune(socket: &TcpListener, write_timeout: Duration) -> io::Result<()> {
    let socket = SockRef::from(socket);
    socket.set_tcp_notsent_lowat(MOST_UNSENT)?;
    socket.set_tcp_user_timeout(Some(write_timeout.saturating_add(KERNEL_GRACE)))
}

/// Elsewhere the stream alone sees to it, less exactly.
#[cfg(not(target_os = "linux"))]
pub(crate) fn tune(_: &TcpListener, _: Duration) -> io::Result<()> {
    Ok(())
}

/// An address cannot be had.
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
