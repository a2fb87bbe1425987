//! The proxies that are believed.

use std::{net::IpAddr, sync::Arc};

use ipnet::{IpNet, Ipv4Net};

/// Addresses and networks of proxies that are believed about whom they forward. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

/// An entry that is neither an address nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{entry}` is no address such as 192.0.2.1 and no network such as 192.0.2.0/24 or 2001:db8::/32")]
pub struct InvalidProxy {
    /// The entry.
    pub entry: String,
}

impl TrustedProxies {
    /// Trusts nobody: the client is whoever connects.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The proxies of a list of addresses and networks.
    ///
    /// ```
    /// use palisade_http::client_address::TrustedProxies;
    ///
    /// let proxies = TrustedProxies::parse(&["10.0.0.0/8", "2001:db8::7"]).unwrap();
    /// assert!(proxies.contains("10.1.2.3".parse().unwrap()));
    /// assert!(!proxies.contains("192.0.2.1".parse().unwrap()));
    /// ```
    ///
    /// # Errors
    /// The first entry that is neither.
    pub fn parse<T: AsRef<str>>(entries: &[T]) -> Result<Self, InvalidProxy> {
        entries.iter().map(|entry| parse(entry.as_ref())).collect::<Result<_, _>>().map(Self)
    }

    /// Whether nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is the address of a trusted proxy.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// A network so wide that it holds clients of the public Internet, who could then name any address as theirs:
    /// wider than `10.0.0.0/8` and `fc00::/7`, the widest that are private (RFC 1918, RFC 4193).
    #[must_use]
    pub fn too_wide(&self) -> Option<IpNet> {
        self.0.iter().copied().find(|network| match network {
            IpNet::V4(network) => network.prefix_len() < 8,
            IpNet::V6(network) => network.prefix_len() < 7,
        })
    }
}

fn parse(entry: &str) -> Result<IpNet, InvalidProxy> {
    let entry = entry.trim();
    let network = entry.parse::<IpNet>().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from));
    network.map(canonical).map_err(|_| InvalidProxy { entry: entry.to_owned() })
}

/// A network of IPv4 addresses written as IPv6 ones is the network of those.
fn canonical(network: IpNet) -> IpNet {
    let mapped = |network: ipnet::Ipv6Net| {
        let length = network.prefix_len().checked_sub(96)?;
        Ipv4Net::new(network.addr().to_ipv4_mapped()?, length).ok()
    };
    match network {
        IpNet::V6(network) => mapped(network).map_or(IpNet::V6(network), IpNet::V4),
        IpNet::V4(_) => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(entry: &str, address: &str) -> bool {
        TrustedProxies::parse(&[entry]).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn an_entry_is_an_address_or_a_network() {
        for (entry, address) in [
            ("192.0.2.1", "192.0.2.1"),
            (" 192.0.2.0/24 ", "192.0.2.255"),
            ("192.0.2.77/24", "192.0.2.1"),
            ("2001:db8::1", "2001:db8:0::1"),
            ("2001:db8::/32", "2001:db8:ffff::"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.0/120", "192.0.2.9"),
        ] {
            assert!(contains(entry, address), "{entry} holds {address}");
        }
        for (entry, address) in [
            ("192.0.2.1", "192.0.2.2"),
            ("192.0.2.0/24", "192.0.3.0"),
            ("2001:db8::/32", "2001:db9::"),
            ("0.0.0.0/0", "::1"),
        ] {
            assert!(!contains(entry, address), "{entry} holds no {address}");
        }
    }

    #[test]
    fn the_entry_that_is_wrong_is_named() {
        for entry in
            ["", "localhost", "192.0.2.1:80", "192.0.2.0/33", "192.0.2", "[::1]", "10.0.0.0/8;::1", "*"]
        {
            let error = TrustedProxies::parse(&["192.0.2.1", entry]).unwrap_err();
            assert_eq!(error.entry, entry);
            assert!(error.to_string().contains(&format!("`{entry}`")));
        }
    }

    #[test]
    fn everybody_is_too_wide_however_written() {
        for entry in
            ["0.0.0.0/0", "10.0.0.0/0", "::/0", "2001:db8::/0", "::ffff:0:0/96", "128.0.0.0/1", "2000::/3"]
        {
            assert!(TrustedProxies::parse(&["10.0.0.1", entry]).unwrap().too_wide().is_some(), "{entry}");
        }
        for entry in ["10.0.0.0/8", "fc00::/7", "127.0.0.1", "::1"] {
            assert_eq!(TrustedProxies::parse(&[entry]).unwrap().too_wide(), None, "{entry}");
        }
    }
}
