//! The host that a request names.

use std::net::{IpAddr, Ipv6Addr};

/// Longest name in the domain name system, with a dot at its end (RFC 1035 §2.3.4).
const LONGEST: usize = 254;

/// A host without its port.
#[derive(Debug, Clone, Copy)]
pub(super) enum Host<'a> {
    /// A name or an IPv4 address, without the dot that a full name may end with.
    Name(&'a str),
    /// An IPv6 address, however it was written.
    Ipv6(Ipv6Addr),
}

impl<'a> Host<'a> {
    /// The host in `name`, `name:port`, `[address]` or `[address]:port`; `None` when it is none of them.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let text = str::from_utf8(text).ok()?;
        if let Some(rest) = text.strip_prefix('[') {
            let (address, port) = rest.split_once(']')?;
            return is_port(port).then(|| address.parse().ok().map(Self::Ipv6)).flatten();
        }
        let (name, port) = text.split_at_checked(text.find(':').unwrap_or(text.len()))?;
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let plain = name.len() <= LONGEST && name.bytes().all(known);
        let name = name.strip_suffix('.').unwrap_or(name);
        (plain && is_port(port) && name.split('.').all(|label| !label.is_empty())).then_some(Self::Name(name))
    }

    /// The name or address of an entry in a list, where an IPv6 address may stand without brackets.
    pub(super) fn parse_entry(text: &'a str) -> Option<Self> {
        match text.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => Some(Self::Ipv6(address)),
            _ => Self::parse(text.as_bytes()),
        }
    }
}

impl PartialEq for Host<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(one), Self::Name(other)) => one.eq_ignore_ascii_case(other),
            (Self::Ipv6(one), Self::Ipv6(other)) => one == other,
            _ => false,
        }
    }
}

/// Nothing, or a colon and a number, which may be missing (RFC 3986 §3.2.3).
fn is_port(text: &str) -> bool {
    text.strip_prefix(':')
        .map_or(text.is_empty(), |port| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ports_case_and_the_dot_at_the_end_do_not_count() {
        let wanted = Host::Name("example.com");
        for text in [
            "example.com",
            "EXAMPLE.com",
            "example.com:8000",
            "example.com:",
            "example.com.",
            "example.com.:1",
        ] {
            assert_eq!(Host::parse(text.as_bytes()), Some(wanted), "{text}");
        }
        for text in ["[::1]", "[::1]:8000", "[0:0::1]:"] {
            assert_eq!(Host::parse(text.as_bytes()), Some(Host::Ipv6(Ipv6Addr::LOCALHOST)), "{text}");
        }
    }

    #[test]
    fn everything_else_is_no_host() {
        for text in [
            "",
            ".",
            ":80",
            "example..com",
            ".example.com",
            "example.com..",
            "example.com:http",
            "example.com:123456",
            "example.com:80:80",
            "user@example.com",
            "example.com/",
            "example.com#",
            "example.com, example.org",
            "example com",
            "exämple.com",
            "exa%6dple.com",
            "::1",
            "[::1",
            "[::1]80",
            "[127.0.0.1]",
            "*",
        ] {
            assert_eq!(Host::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Host::parse(&[b'a'; LONGEST + 1]), None);
        assert_eq!(Host::parse(b"\xff"), None);
    }

    proptest! {
        #[test]
        fn never_fails_on_any_bytes(bytes: Vec<u8>) {
            Host::parse(&bytes);
        }
    }
}
