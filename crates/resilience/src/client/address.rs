//! Which addresses are of the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// What an address is set aside for; `None` for one of the public internet.
///
/// After IANA's registries of special-purpose addresses (RFC 6890), stricter where they leave a choice: what no public
/// web server has is set aside, though some router may hand it on.
pub(super) fn set_aside(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

/// The IPv4 address that a packet for this address would come to, where it is not the same.
pub(super) fn embedded_v4(address: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(address) = address else { return None };
    let through_nat64 = NAT64.contains(&address).then(|| last_v4(address));
    through_nat64.or_else(|| address.to_ipv4_mapped()).or_else(|| isatap(address)).map(IpAddr::V4)
}

fn v4(address: Ipv4Addr) -> Option<&'static str> {
    V4.iter().find(|(network, _)| network.contains(&address)).map(|(_, purpose)| *purpose)
}

/// Of IPv6 only what is handed out as global unicast is public (RFC 4291 §2.4), so the forms that carry an IPv4 address
/// below `::/8` (mapped, compatible, translated) and all that is not assigned are refused without being listed.
fn v6(address: Ipv6Addr) -> Option<&'static str> {
    if NAT64.contains(&address) {
        return v4(last_v4(address));
    }
    if !GLOBAL_UNICAST.contains(&address) {
        return Some(outside_of_global_unicast(address));
    }
    let special = V6.iter().find(|(network, _)| network.contains(&address)).map(|(_, purpose)| *purpose);
    special.or_else(|| v4(isatap(address)?))
}

fn outside_of_global_unicast(address: Ipv6Addr) -> &'static str {
    if address.is_loopback() {
        "loopback"
    } else if address.is_unique_local() {
        "private"
    } else if address.is_unicast_link_local() {
        "link-local"
    } else if address.is_multicast() {
        "multicast"
    } else if address.to_ipv4().is_some() {
        "an IPv4 address in IPv6"
    } else {
        "reserved"
    }
}

/// The last 32 bits.
fn last_v4(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

/// The IPv4 address that an ISATAP interface would tunnel to (RFC 5214 §6.1).
fn isatap(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [_, _, _, _, universal, marker, _, _] = address.segments();
    let is_isatap = matches!(universal, 0x0000 | 0x0200) && marker == 0x5efe;
    is_isatap.then(|| last_v4(address))
}

const GLOBAL_UNICAST: Ipv6Net = net6([0x2000, 0, 0], 3);
/// The well-known prefix of NAT64 (RFC 6052 §2.1): a network of IPv6 alone reaches the public IPv4 through it.
const NAT64: Ipv6Net = net6([0x64, 0xff9b, 0], 96);

const V4: &[(Ipv4Net, &str)] = &[
    (net4([0, 0, 0, 0], 8), "this network (RFC 791)"),
    (net4([10, 0, 0, 0], 8), "private (RFC 1918)"),
    (net4([100, 64, 0, 0], 10), "shared by a carrier (RFC 6598)"),
    (net4([127, 0, 0, 0], 8), "loopback (RFC 1122)"),
    (net4([168, 63, 129, 16], 32), "the platform of Azure, as seen from its machines"),
    (net4([169, 254, 0, 0], 16), "link-local (RFC 3927), where clouds keep their metadata"),
    (net4([172, 16, 0, 0], 12), "private (RFC 1918)"),
    (net4([192, 0, 0, 0], 24), "for protocols (RFC 6890)"),
    (net4([192, 0, 2, 0], 24), "for documentation (RFC 5737)"),
    (net4([192, 31, 196, 0], 24), "for AS112 (RFC 7535)"),
    (net4([192, 52, 193, 0], 24), "for multicast tunnels (RFC 7450)"),
    (net4([192, 88, 99, 0], 24), "for 6to4 relays (RFC 7526)"),
    (net4([192, 168, 0, 0], 16), "private (RFC 1918)"),
    (net4([192, 175, 48, 0], 24), "for AS112 (RFC 7534)"),
    (net4([198, 18, 0, 0], 15), "for benchmarks (RFC 2544)"),
    (net4([198, 51, 100, 0], 24), "for documentation (RFC 5737)"),
    (net4([203, 0, 113, 0], 24), "for documentation (RFC 5737)"),
    (net4([224, 0, 0, 0], 4), "multicast (RFC 5771)"),
    (net4([240, 0, 0, 0], 4), "reserved, or broadcast (RFC 1112, RFC 8190)"),
];

/// Within global unicast.
const V6: &[(Ipv6Net, &str)] = &[
    (net6([0x2001, 0, 0], 23), "for protocols (RFC 2928), Teredo among them (RFC 4380)"),
    (net6([0x2001, 0xdb8, 0], 32), "for documentation (RFC 3849)"),
    (net6([0x2002, 0, 0], 16), "an IPv4 address in IPv6: 6to4 (RFC 3056), withdrawn by RFC 7526"),
    (net6([0x2620, 0x4f, 0x8000], 48), "for AS112 (RFC 7534)"),
    (net6([0x3ffe, 0, 0], 16), "returned from the 6bone (RFC 3701)"),
    (net6([0x3fff, 0, 0], 20), "for documentation (RFC 9637)"),
];

const fn net4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn net6([a, b, c]: [u16; 3], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

#[cfg(test)]
mod tests;
