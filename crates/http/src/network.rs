//! What counts as one client.

use std::net::{IpAddr, Ipv6Addr};

/// The network that an address stands for where clients are counted: IPv4 as it is, however it is written; of IPv6 the
/// first 64 bits, the least that a customer is given (RFC 6177 §2).
pub(crate) fn network(address: IpAddr) -> IpAddr {
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
            assert_eq!(network(address.parse().unwrap()), wanted.parse::<IpAddr>().unwrap());
        }
    }
}
