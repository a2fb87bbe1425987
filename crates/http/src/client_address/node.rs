//! An address and a scheme, as forwarding headers write them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address in `192.0.2.1`, `192.0.2.1:4711`, `[2001:db8::1]` or `[2001:db8::1]:4711` (RFC 7239 §6), and in the
/// bare `2001:db8::1` that `X-Forwarded-For` has. `None` for all else, `unknown` and `_hidden` among it.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        return is_port(port).then(|| address.parse::<Ipv6Addr>().ok()).flatten().map(canonical);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    let at = text.find(':')?;
    let (address, port) = text.split_at_checked(at)?;
    is_port(port).then(|| address.parse::<Ipv4Addr>().ok()).flatten().map(IpAddr::V4)
}

/// Whether the name of a scheme is one of https.
pub(super) fn https(scheme: &str) -> Option<bool> {
    match scheme {
        _ if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("wss") => Some(true),
        _ if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("ws") => Some(false),
        _ => None,
    }
}

fn canonical(address: Ipv6Addr) -> IpAddr {
    IpAddr::V6(address).to_canonical()
}

/// Nothing, or a colon and a number, or a colon and a hidden port such as `_x`.
fn is_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        None => text.is_empty(),
        Some(port) => match port.strip_prefix('_') {
            Some(hidden) => !hidden.is_empty() && hidden.bytes().all(is_hidden),
            None => (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit()),
        },
    }
}

fn is_hidden(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_way_to_write_an_address() {
        for (text, wanted) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1:4711", "192.0.2.1"),
            ("192.0.2.1:_port", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:DB8::1]:4711", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("[::ffff:192.0.2.1]:80", "192.0.2.1"),
        ] {
            assert_eq!(address(text), Some(wanted.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn reads_nothing_else() {
        for text in [
            "",
            "unknown",
            "_hidden",
            "localhost",
            "192.0.2",
            "192.0.2.256",
            "192.0.2.1:",
            "192.0.2.1:123456",
            "192.0.2.1:8x",
            "192.0.2.1:_",
            "192.0.2.1 ",
            "[192.0.2.1]",
            "[2001:db8::1",
            "[2001:db8::1]4711",
            "[2001:db8::1]:",
            "fe80::1%eth0",
            "0x7f.1",
            "0177.0.0.1",
        ] {
            assert_eq!(address(text), None, "{text}");
        }
    }
}
