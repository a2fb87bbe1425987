//! Whose scripts may read.

use std::{net::Ipv6Addr, sync::Arc};

use actix_web::http::header::HeaderValue;

/// The origins that are allowed. Clones share them.
#[derive(Debug, Clone)]
pub struct Origins(Allowed);

#[derive(Debug, Clone)]
enum Allowed {
    Any(HeaderValue),
    Listed(Arc<[HeaderValue]>),
}

/// An entry that is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOrigin {
    /// It has another form.
    #[error("`{0}` is no origin such as https://app.example.com or http://localhost:3000, without a path")]
    Malformed(String),
    /// The origin of sandboxed frames and local files, which anybody can make.
    #[error("`null` may not be allowed: any page can make a frame that has this origin")]
    Null,
    /// The list says two things.
    #[error("`*` allows every origin and stands alone")]
    AnyAndOthers,
}

impl Origins {
    /// The origins of a list, each `scheme://host` or `scheme://host:port`; `*` alone for any origin. They are compared
    /// as browsers write them: in lower case, without the port that the scheme implies.
    ///
    /// # Errors
    /// The first entry that is none of them.
    pub fn parse<T: AsRef<str>>(entries: &[T]) -> Result<Self, InvalidOrigin> {
        let entries: Vec<_> = entries.iter().map(|entry| entry.as_ref().trim()).collect();
        if entries == ["*"] {
            return Ok(Self(Allowed::Any(HeaderValue::from_static("*"))));
        }
        entries.into_iter().map(parse).collect::<Result<_, _>>().map(Allowed::Listed).map(Self)
    }

    /// Whether none is allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Allowed::Listed(origins) if origins.is_empty())
    }

    /// Whether every origin is allowed.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        matches!(self.0, Allowed::Any(_))
    }

    /// What is answered to this origin, if it is allowed.
    pub(super) fn answer(&self, origin: &HeaderValue) -> Option<&HeaderValue> {
        match &self.0 {
            Allowed::Any(any) => Some(any),
            Allowed::Listed(origins) => origins.iter().find(|allowed| *allowed == origin),
        }
    }
}

fn parse(entry: &str) -> Result<HeaderValue, InvalidOrigin> {
    match entry {
        "null" => return Err(InvalidOrigin::Null),
        "*" => return Err(InvalidOrigin::AnyAndOthers),
        _ => {}
    }
    let malformed = || InvalidOrigin::Malformed(entry.to_owned());
    let text = serialised(entry).ok_or_else(malformed)?;
    HeaderValue::try_from(text).map_err(|_| malformed())
}

/// The origin as a browser writes it (<https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin>).
fn serialised(entry: &str) -> Option<String> {
    let (scheme, rest) = entry.split_once("://")?;
    let (host, port) = authority(rest)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if !scheme.starts_with(|first: char| first.is_ascii_alphabetic()) || !scheme.bytes().all(plain) {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    let implied = matches!((scheme.as_str(), port), (_, None) | ("http", Some(80)) | ("https", Some(443)));
    match port {
        Some(port) if !implied => Some(format!("{scheme}://{host}:{port}")),
        _ => Some(format!("{scheme}://{host}")),
    }
}

fn authority(text: &str) -> Option<(String, Option<u16>)> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(inner) => {
            let (address, rest) = inner.split_once(']')?;
            (format!("[{}]", address.parse::<Ipv6Addr>().ok()?), rest)
        }
        None => {
            let (name, rest) = text.split_at_checked(text.find(':').unwrap_or(text.len()))?;
            let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            if name.is_empty() || !name.bytes().all(known) {
                return None;
            }
            (name.to_ascii_lowercase(), rest)
        }
    };
    match rest.strip_prefix(':') {
        None => rest.is_empty().then_some((host, None)),
        Some(port) => {
            let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| port.parse().ok()).flatten().map(|port| (host, Some(port)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_compared_as_browsers_write_it() {
        for (entry, origin) in [
            ("https://app.example.com", "https://app.example.com"),
            (" HTTPS://App.Example.com:443 ", "https://app.example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://localhost:80", "http://localhost"),
            ("http://localhost:443", "http://localhost:443"),
            ("http://[0:0::1]:8000", "http://[::1]:8000"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            let origins = Origins::parse(&["https://other.example", entry]).unwrap();
            let sent = HeaderValue::from_str(origin).unwrap();
            assert_eq!(origins.answer(&sent), Some(&sent), "{entry}");
        }
    }

    #[test]
    fn nothing_that_resembles_an_origin_is_one() {
        let origins = Origins::parse(&["https://app.example.com"]).unwrap();
        for origin in [
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com.evil.example",
            "https://evil-app.example.com",
            "https://app.example.co",
            "https://app.example.com/",
            "HTTPS://APP.EXAMPLE.COM",
            "null",
            "",
            "*",
        ] {
            assert_eq!(origins.answer(&HeaderValue::from_str(origin).unwrap()), None, "{origin}");
        }
    }

    #[test]
    fn the_entry_that_is_wrong_is_named() {
        for entry in [
            "",
            "app.example.com",
            "https://",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://app.example.com?x",
            "https://user@app.example.com",
            "https://*.example.com",
            "https://exämple.com",
            "https://app.example.com:",
            "https://app.example.com:+80",
            "https://app.example.com:65536",
            "https://a, https://b",
            "://app.example.com",
            "1https://app.example.com",
        ] {
            let error = Origins::parse(&["https://other.example", entry]).unwrap_err();
            assert_eq!(error, InvalidOrigin::Malformed(entry.to_owned()));
        }
        assert_eq!(Origins::parse(&["null"]).unwrap_err(), InvalidOrigin::Null);
        assert_eq!(Origins::parse(&["*", "https://a.example"]).unwrap_err(), InvalidOrigin::AnyAndOthers);
    }
}
