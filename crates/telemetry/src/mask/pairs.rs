//! Sensitive names with their values in running text: `password=x`, `"password": "x"`, `Cookie: a=b; c=d`.

use super::{
    HIDDEN,
    bytes::{before, byte, end_of, start_of},
    escapes,
    found::{Found, Replacement},
    names::{self, Names},
};

/// Most bytes of a name, and of quotes and spaces around it.
const NAME: usize = 64;
const AROUND: usize = 16;

/// The value after the `=` or `:` at `at`, if the name before it is sensitive.
pub(super) fn find(names: &Names, bytes: &[u8], at: usize, floor: usize) -> Option<Found> {
    // A path of Rust.
    if byte(bytes, at) == b':' && (byte(bytes, at + 1) == b':' || before(bytes, at) == b':') {
        return None;
    }
    let end = start_of(bytes, at, floor, AROUND, is_around);
    let start = start_of(bytes, end, floor, NAME, is_of_name);
    let name = bytes.get(start..end)?;
    let is_signature = names::is_signature(name);
    if name.is_empty() || !is_signature && !names.contains_word(name) {
        return None;
    }
    let range = value(bytes, at + 1, names::takes_line(name));
    let hidden = bytes.get(range.clone())?;
    // An everyday word, unless it stands in a query or what follows is as long as a signature.
    let in_query = matches!(before(bytes, start), b'?' | b'&' | b';');
    if is_signature && !in_query && !is_long(hidden) {
        return None;
    }
    // It may be a space before a quote; the text is looked at again without its escapes.
    if escapes::starts(hidden) {
        return None;
    }
    // An encoded `&` was one before a form was written anew.
    let masked = hidden
        .strip_prefix(HIDDEN.as_bytes())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"%26"));
    (!hidden.is_empty() && !masked).then_some(Found { range, by: Replacement::Text(HIDDEN) })
}

/// Whether a value can be a signature: 32 bytes of base64 or hexadecimal digits, or more.
fn is_long(value: &[u8]) -> bool {
    let is_of =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'%');
    value.len() >= 32 && value.iter().all(is_of)
}

fn is_around(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b']' | b'"' | b'\'' | b'\\' | b'`')
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | 0x80..)
}

/// The value that follows, without its quotes.
fn value(bytes: &[u8], at: usize, line: bool) -> std::ops::Range<usize> {
    let at = end_of(bytes, at, |byte| matches!(byte, b'=' | b'>' | b' ' | b'\t' | b'+'));
    // Only a quoted value is looked for on the next line.
    let next = end_of(bytes, at, |byte| byte.is_ascii_whitespace());
    if let Some((start, quote)) = opening(bytes, next) {
        return start..closing(bytes, start, &quote);
    }
    let end = if line { end_of(bytes, at, |byte| byte != b'\n') } else { bare(bytes, at) };
    at..end
}

/// A quote as it is written, and how many backslashes stand before it.
struct Quote {
    mark: u8,
    escapes: usize,
}

/// Where the text after a quote starts.
fn opening(bytes: &[u8], at: usize) -> Option<(usize, Quote)> {
    let mark = end_of(bytes, at, |byte| byte == b'\\');
    let quote = byte(bytes, mark);
    matches!(quote, b'"' | b'\'' | b'`').then(|| (mark + 1, Quote { mark: quote, escapes: mark - at }))
}

/// Where the text within quotes ends: before a quote with no more backslashes than the first had, or at the end of
/// what was cut. More of them belong to a quote within, unless they are pairs in a text that is not escaped itself.
fn closing(bytes: &[u8], start: usize, quote: &Quote) -> usize {
    let mut escapes = 0;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        if *byte == quote.mark && (escapes <= quote.escapes || quote.escapes == 0 && escapes % 2 == 0) {
            return if quote.escapes == 0 { at } else { at - escapes };
        }
        escapes = if *byte == b'\\' { escapes + 1 } else { 0 };
    }
    bytes.len()
}

/// Where a value without quotes ends: a word, or what brackets hold (`Some("x")`, `Address { … }`, `[1, 2]`).
fn bare(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(here) = bytes.get(at) {
        match here {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => return at,
            b')' | b']' | b'}' => depth -= 1,
            b'"' if depth > 0 => at = closing(bytes, at + 1, &Quote { mark: b'"', escapes: 0 }),
            b' ' if depth == 0 && byte(bytes, at + 1) == b'{' => {}
            b'\\' if depth == 0 && matches!(byte(bytes, at + 1), b'"' | b'\'') => return at,
            b',' | b';' | b'&' | b'"' | b'\'' | b'`' | b'<' if depth == 0 => return at,
            _ if depth == 0 && here.is_ascii_whitespace() => return word(bytes, start, at),
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Where the value ends whose first word ends at `end`: the name of a scheme is followed by the credentials.
fn word(bytes: &[u8], start: usize, end: usize) -> usize {
    let first = bytes.get(start..end).unwrap_or_default();
    let is_scheme = ["bearer", "basic", "digest", "token", "negotiate"]
        .iter()
        .any(|scheme| first.eq_ignore_ascii_case(scheme.as_bytes()));
    if !is_scheme {
        return end;
    }
    let next = end_of(bytes, end, |byte| byte == b' ');
    end_of(bytes, next, |byte| !byte.is_ascii_whitespace() && !matches!(byte, b',' | b';' | b'"' | b'\''))
}

#[cfg(test)]
mod tests {
    use crate::mask::tests::masks;

    #[test]
    fn hides_the_values_of_sensitive_names() {
        for (text, shown) in [
            ("password=xyz", "password=***"),
            ("password: xyz, user: ann", "password: ***, user: ann"),
            (r#"password: "x y", user: "ann""#, r#"password: "***", user: "ann""#),
            (r#"{"password":"xyz","a":1}"#, r#"{"password":"***","a":1}"#),
            (r#"{"password": "hunt"#, r#"{"password": "***"#),
            (r#"{"pin":1234}"#, r#"{"pin":***}"#),
            (r#""{\"password\": \"x\\\"y\", \"a\": 1}""#, r#""{\"password\": \"***\", \"a\": 1}""#),
            (r#"{"password":"a\"b","a":1}"#, r#"{"password":"***","a":1}"#),
            (r#"Login { password: Some("x, y"), user: "ann" }"#, r#"Login { password: ***, user: "ann" }"#),
            ("Login { secret: Keys { a: 1, b: 2 }, c: 3 }", "Login { secret: ***, c: 3 }"),
            ("{'api-key' => 'x'}", "{'api-key' => '***'}"),
            ("env[\"TOKEN\"] = abc", "env[\"TOKEN\"] = ***"),
            ("/a?access_token=abc&b=1", "/a?access_token=***&b=1"),
            ("Cookie: a=b; c=d\nHost: x", "Cookie: ***\nHost: x"),
            ("authorization: Digest username=x, y", "authorization: ***"),
            ("token=Bearer abc def", "token=*** def"),
            ("tokens=3 secret = [1, 2] x", "tokens=3 secret = *** x"),
            ("AccountName=a;AccountKey=Zm9v+/==;Suffix=b", "AccountName=a;AccountKey=***;Suffix=b"),
            ("Endpoint=sb://a/;SharedAccessKey=Zm9v=", "Endpoint=sb://a/;SharedAccessKey=***"),
            ("https://a.example/c?sv=1&sig=Zm9v%2B%3D&se=2", "https://a.example/c?sv=1&sig=***&se=2"),
            ("/b?X-Amz-Date=2&X-Amz-Signature=0a1b&c=d", "/b?X-Amz-Date=2&X-Amz-Signature=***&c=d"),
            ("/b?X-Goog-Signature=0a1b", "/b?X-Goog-Signature=***"),
            (
                "SignedHeaders=host, Signature=0123456789abcdef0123456789abcdef",
                "SignedHeaders=host, Signature=***",
            ),
        ] {
            masks(text, shown);
        }
    }

    #[test]
    fn leaves_names_without_values_and_paths() {
        for text in [
            "password=",
            "password: ",
            "the password is wrong",
            "auth::token::verify",
            "password=***",
            "a=b",
            "signature: wrong",
            "sig=9",
        ] {
            masks(text, text);
        }
    }
}
