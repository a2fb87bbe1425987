//! The hosts that are served.

use std::{net::Ipv6Addr, sync::Arc};

use super::host::Host;

/// A list of hosts. Clones share it.
#[derive(Debug, Clone)]
pub struct AllowedHosts(Option<Arc<[Entry]>>);

#[derive(Debug)]
enum Entry {
    Name(String),
    /// Every name that ends with this one, the dot before it included.
    Below(String),
    Ipv6(Ipv6Addr),
}

/// An entry that is no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHost {
    /// It has another form.
    #[error("`{0}` is no host such as example.com, *.example.com, 192.0.2.1 or [2001:db8::1]")]
    Malformed(String),
    /// No request could pass.
    #[error("must name a host, or `*` for any")]
    Empty,
}

impl AllowedHosts {
    /// Every host.
    #[must_use]
    pub const fn any() -> Self {
        Self(None)
    }

    /// The hosts of a list: names and addresses, `*.example.com` for every name below `example.com` but not itself,
    /// `*` for any host at all. A port does not count.
    ///
    /// # Errors
    /// The first entry that is none of them; an empty list.
    pub fn parse<T: AsRef<str>>(entries: &[T]) -> Result<Self, InvalidHost> {
        if entries.is_empty() {
            return Err(InvalidHost::Empty);
        }
        let entries = entries.iter().map(|entry| entry.as_ref().trim());
        let parsed = entries.clone().filter(|entry| *entry != "*").map(parse).collect::<Result<_, _>>()?;
        Ok(Self((!entries.into_iter().any(|entry| entry == "*")).then_some(parsed)))
    }

    /// Whether every host is allowed.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the host that a `Host` header names is allowed. A malformed one is only where every host is.
    #[must_use]
    pub fn allows(&self, header: &[u8]) -> bool {
        self.is_any() || Host::parse(header).is_some_and(|host| self.contains(&host))
    }

    pub(super) fn contains(&self, host: &Host<'_>) -> bool {
        let Some(entries) = &self.0 else { return true };
        entries.iter().any(|entry| match (entry, host) {
            (Entry::Name(name), Host::Name(host)) => name.eq_ignore_ascii_case(host),
            (Entry::Below(end), Host::Name(host)) => is_below(host, end),
            (Entry::Ipv6(address), Host::Ipv6(host)) => address == host,
            _ => false,
        })
    }
}

fn parse(entry: &str) -> Result<Entry, InvalidHost> {
    let malformed = || InvalidHost::Malformed(entry.to_owned());
    if let Some(name) = entry.strip_prefix("*.") {
        return match Host::parse_entry(name) {
            Some(Host::Name(name)) => Ok(Entry::Below(format!(".{name}"))),
            _ => Err(malformed()),
        };
    }
    match Host::parse_entry(entry).ok_or_else(malformed)? {
        Host::Name(name) => Ok(Entry::Name(name.to_owned())),
        Host::Ipv6(address) => Ok(Entry::Ipv6(address)),
    }
}

fn is_below(host: &str, end: &str) -> bool {
    let at = host.len().checked_sub(end.len()).filter(|at| *at > 0);
    at.and_then(|at| host.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(entries: &[&str], host: &str) -> bool {
        AllowedHosts::parse(entries).unwrap().allows(host.as_bytes())
    }

    #[test]
    fn an_entry_is_a_name_a_wildcard_or_an_address() {
        for (entry, host) in [
            ("example.com", "example.com:8000"),
            ("Example.COM.", "eXample.com"),
            ("example.com:443", "example.com"),
            ("*.example.com", "api.example.com"),
            ("*.example.com", "A.B.Example.com."),
            ("127.0.0.1", "127.0.0.1:80"),
            ("::1", "[::1]:80"),
            ("[2001:DB8::1]", "[2001:db8:0::1]"),
            ("*", "whatever"),
        ] {
            assert!(allows(&["other.example", entry], host), "{entry} allows {host}");
        }
        for (entry, host) in [
            ("example.com", "api.example.com"),
            ("example.com", "example.com.evil.example"),
            ("example.com", "evilexample.com"),
            ("*.example.com", "example.com"),
            ("*.example.com", "evilexample.com"),
            ("::1", "127.0.0.1"),
        ] {
            assert!(!allows(&[entry], host), "{entry} does not allow {host}");
        }
    }

    #[test]
    fn the_entry_that_is_wrong_is_named() {
        for entry in
            ["", "https://example.com", "example.com/", "*.", "**", "*example.com", "*.*.com", "a b", "*.::1"]
        {
            assert_eq!(
                AllowedHosts::parse(&["example.com", entry, "*"]).unwrap_err(),
                InvalidHost::Malformed(entry.to_owned())
            );
        }
        assert_eq!(AllowedHosts::parse::<&str>(&[]).unwrap_err(), InvalidHost::Empty);
    }
}
