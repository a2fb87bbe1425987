//! The elements of `Forwarded` (RFC 7239 §4).

use super::{node, walk::Hop};

/// The elements of one header line, the last first, without the blank ones. They are found from the right, so that
/// whatever a client put to the left of what a proxy added, an open quote say, changes nothing.
pub(super) fn from_right(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    let elements = std::iter::from_fn(move || {
        let (before, last) = split_last(rest?);
        rest = before;
        Some(last.trim_ascii())
    });
    elements.filter(|element| !element.is_empty())
}

/// What follows the last comma that is not quoted, and what is before that comma.
fn split_last(line: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let mut quoted = false;
    for (at, byte) in line.iter().enumerate().rev() {
        let before = line.get(..at).unwrap_or_default();
        match byte {
            b'"' if !quoted => quoted = true,
            b'"' if !is_escaped(before) => quoted = false,
            b',' if !quoted => return (Some(before), line.get(at + 1..).unwrap_or_default()),
            _ => {}
        }
    }
    (None, line)
}

/// Whether what follows `before` is escaped by a backslash that is not itself escaped.
fn is_escaped(before: &[u8]) -> bool {
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// What an element tells; `None` when it is malformed. Blanks around semicolons and values that should be quoted are
/// let pass, as proxies write them.
pub(super) fn hop(element: &[u8]) -> Option<Hop> {
    let mut rest = str::from_utf8(element).ok()?;
    let (mut by_whom, mut by_what) = (None, None);
    while !rest.is_empty() {
        let (name, value, after) = pair(rest)?;
        let known = match name {
            _ if name.eq_ignore_ascii_case("for") => Some(&mut by_whom),
            _ if name.eq_ignore_ascii_case("proto") => Some(&mut by_what),
            _ => None,
        };
        // Twice the same parameter is malformed (§4), and would be two answers to one question.
        if let Some(known) = known
            && known.replace(value).is_some()
        {
            return None;
        }
        rest = after;
    }
    Some(Hop { ip: by_whom.and_then(node::address), https: by_what.and_then(node::https) })
}

/// The first pair of an element: its name, its value without quotes, and what follows its semicolon.
fn pair(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once('=')?;
    let name = name.trim_start_matches([' ', '\t', ';']);
    if name.is_empty() || !name.bytes().all(is_token) {
        return None;
    }
    let (value, rest) = match rest.strip_prefix('"') {
        Some(quoted) => closed(quoted)?,
        None => rest.split_at_checked(rest.find([';', ' ', '\t', '"']).unwrap_or(rest.len()))?,
    };
    let rest = rest.trim_ascii_start();
    let after = rest.strip_prefix(';').or_else(|| rest.is_empty().then_some(rest))?;
    Some((name, value, after))
}

/// A quoted text up to its closing quote, and what follows. Escapes stay as they are: an address needs none, and with
/// one it is no address.
fn closed(text: &str) -> Option<(&str, &str)> {
    let end = text
        .match_indices('"')
        .map(|(at, _)| at)
        .find(|at| !is_escaped(text.as_bytes().get(..*at).unwrap_or_default()))?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// A character of a token (RFC 9110 §5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(element: &str) -> Option<(Option<String>, Option<bool>)> {
        hop(element.as_bytes()).map(|hop| (hop.ip.map(|ip| ip.to_string()), hop.https))
    }

    #[test]
    fn elements_are_found_from_the_right() {
        for (line, elements) in [
            ("for=a, for=b", &["for=b", "for=a"][..]),
            ("for=a,, ,for=b,", &["for=b", "for=a"]),
            (r#"for="a,b", for=c"#, &["for=c", r#"for="a,b""#]),
            (r#"host="a\",b", for=c"#, &["for=c", r#"host="a\",b""#]),
            (r#"host="a\\", for=c"#, &["for=c", r#"host="a\\""#]),
            (r#"for="open, for=c"#, &["for=c", r#"for="open"#]),
            (r#"for="open\, for="c,d""#, &[r#"for="c,d""#, r#"for="open\"#]),
            ("", &[]),
        ] {
            let found: Vec<_> =
                from_right(line.as_bytes()).map(|element| str::from_utf8(element).unwrap()).collect();
            assert_eq!(found, elements, "{line}");
        }
    }

    #[test]
    fn an_element_tells_address_and_scheme() {
        let ip = |text: &str| Some(text.to_owned());
        for (element, wanted) in [
            ("for=192.0.2.1", (ip("192.0.2.1"), None)),
            ("For=192.0.2.1;Proto=HTTPS;by=203.0.113.4", (ip("192.0.2.1"), Some(true))),
            ("proto=http; for=192.0.2.1", (ip("192.0.2.1"), Some(false))),
            (r#"for="[2001:db8::1]:4711""#, (ip("2001:db8::1"), None)),
            (r#"host="a;b\"c";for="192.0.2.1:80";"#, (ip("192.0.2.1"), None)),
            ("for=192.0.2.1:80", (ip("192.0.2.1"), None)),
            ("for=unknown;proto=https", (None, Some(true))),
            ("for=_hidden", (None, None)),
            (r#"for="19\2.0.2.1""#, (None, None)),
            ("by=203.0.113.4", (None, None)),
        ] {
            assert_eq!(told(element), Some(wanted), "{element}");
        }
    }

    #[test]
    fn a_malformed_element_tells_nothing() {
        for element in [
            "192.0.2.1",
            "=192.0.2.1",
            "for",
            "for =192.0.2.1",
            r#"for="192.0.2.1"#,
            r#"for="192.0.2.1"x"#,
            "for=192.0.2.1 proto=https",
            "for=192.0.2.1;for=192.0.2.2",
            "for=192.0.2.1;proto=http;proto=https",
            "f(or=192.0.2.1",
        ] {
            assert_eq!(told(element), None, "{element}");
        }
        assert_eq!(hop(b"for=\xff"), None);
    }
}
