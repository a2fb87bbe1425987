//! What counts as one client.

use std::net::{IpAddr, Ipv6Addr};

/// The network that counts as one client: an IPv4 address in any notation, or the first 64 bits of an IPv6 address, the
/// least that a customer is given (RFC 6177 §2).
///
/// ```
/// use palisade_core::client_network;
///
/// let client = client_network("2001:db8:1:2:3:4:5:6".parse()?);
/// assert_eq!(client.to_string(), "2001:db8:1:2::");
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[must_use]
pub fn client_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_is_an_address_of_four_bytes_or_a_network_of_eight() {
        for (address, wanted) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ] {
            assert_eq!(client_network(address.parse().unwrap()), wanted.parse::<IpAddr>().unwrap());
        }
    }
}
