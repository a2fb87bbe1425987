//! What a text must look like.

use std::net::IpAddr;

use serde_json::Value;

/// What a text looks like beyond its type. It tells values that are meant for a setting from those that are meant for
/// another program that uses the same variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An IP address, or `localhost`.
    Address,
    /// An `http` or `https` URL with a host.
    HttpUrl,
    /// `name=value` pairs between commas, with names of HTTP headers and percent-encoded values.
    Pairs,
}

impl Form {
    pub(super) fn read(name: &str) -> Option<Self> {
        match name {
            "address" => Some(Self::Address),
            "http_url" => Some(Self::HttpUrl),
            "pairs" => Some(Self::Pairs),
            _ => None,
        }
    }

    /// Whether a value has this form. What is no text has.
    pub(crate) fn fits(self, value: &Value) -> bool {
        let Some(text) = value.as_str().map(str::trim) else { return true };
        match self {
            Self::Address => {
                let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
                text.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok()
            }
            Self::HttpUrl => is_http_url(text),
            Self::Pairs => text.split(',').map(str::trim).filter(|pair| !pair.is_empty()).all(is_pair),
        }
    }

    /// The form as the words of a problem.
    pub(crate) const fn rule(self) -> &'static str {
        match self {
            Self::Address => "must be an IP address",
            Self::HttpUrl => "must be an http or https URL",
            Self::Pairs => "must be name=value pairs with commas between",
        }
    }
}

fn is_http_url(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://"));
    let Some(authority) = rest.and_then(|rest| rest.split(['/', '?', '#']).next()) else { return false };
    let host_and_port = authority.rsplit('@').next().unwrap_or(authority);
    let (host, port) = match host_and_port.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (host_and_port, ""),
    };
    let is_port = port.is_empty() || port.parse::<u16>().is_ok();
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:%".contains(&byte) || !byte.is_ascii();
    !host.is_empty() && host.bytes().all(is_host) && is_port
}

/// RFC 9110 §5.6.2 for the name; the value may hold no control character once it is decoded.
fn is_pair(pair: &str) -> bool {
    let Some((name, value)) = pair.split_once('=') else { return false };
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let name = name.trim();
    let decoded = decode(value.trim());
    let is_text =
        |decoded: &Vec<u8>| str::from_utf8(decoded).is_ok() && !decoded.iter().any(u8::is_ascii_control);
    !name.is_empty() && name.bytes().all(is_token) && is_text(&decoded)
}

/// The bytes that percent-encoded text stands for.
fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| str::from_utf8(hex).ok());
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fits(form: Form, text: &str) -> bool {
        form.fits(&json!(text))
    }

    #[test]
    fn addresses() {
        for text in ["0.0.0.0", "127.0.0.1", "::", "::1", "[::1]", "localhost", " 10.0.0.1 "] {
            assert!(fits(Form::Address, text), "{text}");
        }
        for text in
            ["", "build-box", "api.example.com", "10.0.0.1:80", "tcp://10.0.0.1:80", "x86_64-linux-gnu"]
        {
            assert!(!fits(Form::Address, text), "{text}");
        }
    }

    #[test]
    fn http_urls() {
        for text in [
            "http://localhost:4318",
            "https://collector.example.com/v1/traces?x=1",
            "HTTP://u:p@host",
            "http://[::1]:4318/",
            "http://[::1]",
        ] {
            assert!(fits(Form::HttpUrl, text), "{text}");
        }
        for text in
            ["", "collector:4317", "grpc://c:4317", "http://", "http://:80", "http://a b", "http://h:port"]
        {
            assert!(!fits(Form::HttpUrl, text), "{text}");
        }
    }

    #[test]
    fn pairs() {
        for text in ["", "a=b", "x-tenant=blue,authorization=Bearer%20s3cret,", "a=1=2", "a=100%"] {
            assert!(fits(Form::Pairs, text), "{text}");
        }
        for text in ["no equals sign", "a=b,c", "=b", "a b=c", "a=%0A", "a=%ff"] {
            assert!(!fits(Form::Pairs, text), "{text}");
        }
    }
}
