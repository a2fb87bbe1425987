//! Where requests may go.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use super::{
    address::{embedded_v4, set_aside},
    refusal::Refusal,
};

/// Where the requests of an upstream may go: to the public internet, unless told otherwise.
///
/// Whoever hands a server an address (a webhook, an avatar, a redirect) can point it at the network behind the server:
/// at cloud metadata, at a database, at the server itself. So a name is resolved here, a request is refused when *any*
/// of its addresses is not public, and the connection goes to an address that was checked.
///
/// ```
/// use palisade_resilience::client::Guard;
///
/// // Our own payment service, and a sidecar.
/// let guard = Guard::public()
///     .allow_host("payments.internal:8443")?
///     .allow_network("127.0.0.1/32".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Guard {
    hosts: Vec<AllowedHost>,
    networks: Vec<IpNet>,
    refused: Vec<IpNet>,
    ports: Vec<u16>,
}

#[derive(Debug, Clone)]
struct AllowedHost {
    name: String,
    /// `None`: any.
    port: Option<u16>,
}

impl Guard {
    /// Lets requests go to public addresses, at any port.
    #[must_use]
    pub fn public() -> Self {
        Self::default()
    }

    /// Besides, lets them go to `host`, or `host:port` at that port alone, where its name leads to private, shared or
    /// loopback addresses. Whoever answers for that name in the DNS is trusted with them. Addresses of no host, such as
    /// link-local ones with the metadata of clouds, take [`Self::allow_network`].
    ///
    /// # Errors
    /// When it is not a name. An address is allowed as a network.
    pub fn allow_host(mut self, host: &str) -> Result<Self, InvalidHost> {
        self.hosts.push(AllowedHost::parse(host).ok_or_else(|| InvalidHost(host.to_owned()))?);
        Ok(self)
    }

    /// Besides, lets them go to the addresses of this network, whatever it is set aside for.
    #[must_use]
    pub fn allow_network(mut self, network: IpNet) -> Self {
        self.networks.push(network);
        self
    }

    /// Keeps them from this network, whatever is allowed: one's own public addresses, or those behind a NAT64 prefix of
    /// one's own (RFC 6052 §2.2), which cannot be told from others.
    #[must_use]
    pub fn refuse_network(mut self, network: IpNet) -> Self {
        self.refused.push(network);
        self
    }

    /// Lets them go to this port and those named so before, and no others. A host that is allowed with its port need not
    /// be named again.
    #[must_use]
    pub fn allow_port(mut self, port: u16) -> Self {
        self.ports.push(port);
        self
    }

    /// What can be said before the name is resolved.
    pub(super) fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo);
        }
        let port = url.port_or_known_default().unwrap_or_default();
        match url.host() {
            // The parser reads every spelling of an IPv4 address (decimal, octal, hexadecimal, short) as one
            // (WHATWG URL §3.5), so a name that is left is none.
            Some(Host::Ipv4(address)) => self.check_address(address.into(), None)?,
            Some(Host::Ipv6(address)) => self.check_address(address.into(), None)?,
            Some(Host::Domain(name)) => return self.check_port(port, Some(name)),
            None => return Err(Refusal::Scheme),
        }
        self.check_port(port, None)
    }

    /// Whether all of these, to which `name` was resolved, may be connected to.
    pub(super) fn check_addresses(&self, name: &str, addresses: &[IpAddr]) -> Result<(), Refusal> {
        addresses.iter().try_for_each(|address| self.check_address(*address, Some(name)))
    }

    fn check_address(&self, address: IpAddr, name: Option<&str>) -> Result<(), Refusal> {
        if contains(&self.refused, address)
            || embedded_v4(address).is_some_and(|v4| contains(&self.refused, v4))
        {
            return Err(Refusal::Address { address, purpose: "refused by the settings" });
        }
        let Some(purpose) = set_aside(address) else { return Ok(()) };
        let host = name.is_some_and(|name| self.hosts_named(name).next().is_some());
        if contains(&self.networks, address) || host && is_of_a_host(address) {
            return Ok(());
        }
        Err(Refusal::Address { address, purpose })
    }

    fn check_port(&self, port: u16, name: Option<&str>) -> Result<(), Refusal> {
        let mut named = self.hosts_named(name.unwrap_or_default()).peekable();
        let allowed = if named.peek().is_some() {
            named.any(|host| host.port.map_or_else(|| self.takes_port(port), |only| only == port))
        } else {
            self.takes_port(port)
        };
        if allowed { Ok(()) } else { Err(Refusal::Port(port)) }
    }

    fn takes_port(&self, port: u16) -> bool {
        self.ports.is_empty() || self.ports.contains(&port)
    }

    fn hosts_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a AllowedHost> {
        let name = without_root(name);
        self.hosts.iter().filter(move |host| host.name.eq_ignore_ascii_case(name))
    }
}

impl AllowedHost {
    fn parse(text: &str) -> Option<Self> {
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (text, None),
        };
        let Host::Domain(name) = Host::parse(name).ok()? else { return None };
        let name = without_root(&name);
        (!name.is_empty()).then(|| Self { name: name.to_owned(), port })
    }
}

fn contains(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// `example.com.` is `example.com`, seen from the root.
fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether a service of one's own can be there: what is private, shared, unique-local or loopback.
fn is_of_a_host(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let shared = matches!(address.octets(), [100, 64..=127, ..]) && address.octets() != ALIBABA;
            address.is_private() || address.is_loopback() || shared
        }
        IpAddr::V6(address) => {
            let metadata = METADATA_V6.contains(&address.segments());
            (address.is_unique_local() && !metadata) || address.is_loopback()
        }
    }
}

/// The metadata of Alibaba Cloud, which lies in the shared range.
const ALIBABA: [u8; 4] = [100, 100, 100, 200];
/// The metadata of AWS and of Google Cloud, which lie in the unique-local range.
const METADATA_V6: [[u16; 8]; 2] =
    [[0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254], [0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x254]];

/// A text that is not the name of a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a host, nor a name and a port")]
pub struct InvalidHost(String);

#[cfg(test)]
mod tests;
