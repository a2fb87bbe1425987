//! What a path may look like, so that every reader of it sees the same segments.

use std::borrow::Cow;

use super::NullBytes;

/// Why an address is refused, in the words that the client reads.
pub(super) type Flaw = &'static str;

pub(super) const BROKEN_ESCAPE: Flaw = "The address has a broken percent-encoding";
pub(super) const NUL: Flaw = "The address holds a NUL byte";
const CONTROL: Flaw = "The address holds a control character";
const UNENCODED: Flaw = "The address holds a character that must be percent-encoded";
const BACKSLASH: Flaw = "The address holds a backslash";
const ENCODED_SLASH: Flaw = "The address holds an encoded slash";
const ENCODED_TWICE: Flaw = "The address is percent-encoded twice";
const PARAMETERS: Flaw = "The address holds a semicolon";
const EMPTY_SEGMENT: Flaw = "The address holds an empty segment";
const DOT_SEGMENT: Flaw = "The address holds a dot segment";
const NOT_UTF8: Flaw = "The address is not valid UTF-8";

/// The one spelling of `path`, which is the same in all that a router, a rule by prefix or a log may compare:
/// letters, digits and `-._~` stand for themselves (RFC 3986 §6.2.2.2).
///
/// # Errors
/// What two readers may understand differently is refused, never mended: whoever sends it either gains nothing
/// or means harm.
pub(super) fn canonical(path: &str, null_bytes: NullBytes) -> Result<Cow<'_, str>, Flaw> {
    if is_plain(path.as_bytes()) {
        return Ok(Cow::Borrowed(path));
    }
    let segments = path.strip_prefix('/').ok_or(UNENCODED)?;
    let mut canonical = String::with_capacity(path.len());
    let mut left = segments.split('/').count();
    for segment in segments.split('/') {
        left -= 1;
        // An empty last one is a slash at the end: another address than the one without it, for everybody.
        if segment.is_empty() && left > 0 {
            return Err(EMPTY_SEGMENT);
        }
        canonical.push('/');
        push_segment(&mut canonical, segment, null_bytes)?;
    }
    if canonical == path { Ok(Cow::Borrowed(path)) } else { Ok(Cow::Owned(canonical)) }
}

/// Whether no byte of the path needs a second look, as in almost all there are.
fn is_plain(path: &[u8]) -> bool {
    let mut previous = 0;
    for &byte in path {
        let begins_segment = previous == b'/' || previous == 0;
        if !stands_for_itself(byte) || (begins_segment && byte == b'.') || (previous == b'/' && byte == b'/')
        {
            return false;
        }
        previous = byte;
    }
    path.first() == Some(&b'/')
}

/// `pchar` and the slash (RFC 3986 §3.3), without escapes and without the semicolon.
const fn stands_for_itself(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(
            byte,
            b'/' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@'
        )
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn push_segment(canonical: &mut String, segment: &str, null_bytes: NullBytes) -> Result<(), Flaw> {
    let mut decoded = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, tail) = match first {
            b'%' => escaped(tail)?,
            b';' => return Err(PARAMETERS),
            b'\\' => return Err(BACKSLASH),
            byte if stands_for_itself(*byte) => (*byte, tail),
            _ => return Err(UNENCODED),
        };
        if *first == b'%' {
            check_escaped(byte, tail, null_bytes)?;
            if is_unreserved(byte) {
                canonical.push(char::from(byte));
            } else {
                canonical.push_str(&format!("%{byte:02X}"));
            }
        } else {
            canonical.push(char::from(byte));
        }
        decoded.push(byte);
        rest = tail;
    }
    check_decoded(&decoded)
}

/// What an escape may not stand for; `tail` follows it.
fn check_escaped(byte: u8, tail: &[u8], null_bytes: NullBytes) -> Result<(), Flaw> {
    match byte {
        b'/' => Err(ENCODED_SLASH),
        b'\\' => Err(BACKSLASH),
        b';' => Err(PARAMETERS),
        0 if null_bytes == NullBytes::Refused => Err(NUL),
        // Whoever decodes once more would see another path.
        b'%' if escaped(tail).is_ok() => Err(ENCODED_TWICE),
        _ => Ok(()),
    }
}

fn check_decoded(segment: &[u8]) -> Result<(), Flaw> {
    // Overlong forms and surrogates are no UTF-8 either (RFC 3629 §3).
    let text = std::str::from_utf8(segment).map_err(|_| NOT_UTF8)?;
    if text.chars().any(|character| character.is_control() && character != '\0') {
        return Err(CONTROL);
    }
    if matches!(text, "." | "..") { Err(DOT_SEGMENT) } else { Ok(()) }
}

/// The byte of an escape whose percent sign has been read, and what follows it.
pub(super) fn escaped(text: &[u8]) -> Result<(u8, &[u8]), Flaw> {
    let [high, low, tail @ ..] = text else { return Err(BROKEN_ESCAPE) };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match (digit(*high), digit(*low)) {
        (Some(high), Some(low)) => Ok((high << 4 | low, tail)),
        _ => Err(BROKEN_ESCAPE),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usual_paths_stay_as_they_are() {
        for path in [
            "/",
            "/api/v1/users/me",
            "/api/v1/users/",
            "/.well-known/x",
            "/a..b/...",
            "/a+b@c:d,e=f!$&'()*~",
            "/%C3%A9%20",
        ] {
            assert!(matches!(canonical(path, NullBytes::Refused), Ok(Cow::Borrowed(_))), "{path}");
        }
    }

    #[test]
    fn an_escaped_letter_is_the_letter() {
        for (path, wanted) in [
            ("/%61pi/v1", "/api/v1"),
            ("/%7euser/%2D%5f%30", "/~user/-_0"),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("/100%25", "/100%25"),
        ] {
            assert_eq!(canonical(path, NullBytes::Refused), Ok(wanted.into()), "{path}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for (path, flaw) in [
            ("//a", EMPTY_SEGMENT),
            ("/a//b", EMPTY_SEGMENT),
            ("/a//", EMPTY_SEGMENT),
            ("/./a", DOT_SEGMENT),
            ("/a/..", DOT_SEGMENT),
            ("/a/%2e%2E/b", DOT_SEGMENT),
            ("/a/.%2e", DOT_SEGMENT),
            ("/a%2fb", ENCODED_SLASH),
            ("/a%5cb", BACKSLASH),
            ("/a\\b", BACKSLASH),
            ("/a;x", PARAMETERS),
            ("/a%3Bx", PARAMETERS),
            ("/a%00", NUL),
            ("/a%0a", CONTROL),
            ("/a%7f", CONTROL),
            ("/a%c2%85", CONTROL),
            ("/a%zz", BROKEN_ESCAPE),
            ("/a%4", BROKEN_ESCAPE),
            ("/a%", BROKEN_ESCAPE),
            ("/a%+1", BROKEN_ESCAPE),
            ("/%2561", ENCODED_TWICE),
            ("/%252e%252e/", ENCODED_TWICE),
            ("/%c0%ae", NOT_UTF8),
            ("/%ff", NOT_UTF8),
            ("/%ed%a0%80", NOT_UTF8),
            ("/a|b", UNENCODED),
            ("/é", UNENCODED),
            ("a", UNENCODED),
            ("", UNENCODED),
        ] {
            assert_eq!(canonical(path, NullBytes::Refused), Err(flaw), "{path}");
        }
        assert!(canonical("/a%00", NullBytes::Taken).is_ok());
    }

    proptest! {
        /// What is let through is read the same by the router and by whoever compares the text.
        #[test]
        fn the_router_reads_what_was_let_through(path in "(/[a-c.%0-9A-Fef;+~é/]{0,4}){1,4}") {
            if let Ok(canonical) = canonical(&path, NullBytes::Refused) {
                let uri: actix_web::http::Uri = canonical.parse().unwrap();
                let routed = actix_router::Url::new(uri);
                let once = super::canonical(&canonical, NullBytes::Refused).map(Cow::into_owned);
                prop_assert_eq!(once.as_deref(), Ok(&*canonical));
                prop_assert_eq!(routed.path().split('/').count(), canonical.split('/').count());
                let plain = |text: &str| text.bytes().all(stands_for_itself);
                if plain(&canonical) {
                    prop_assert_eq!(routed.path(), &*canonical);
                }
            }
        }

        #[test]
        fn any_text_gives_a_verdict(path in ".*") {
            let _ = canonical(&path, NullBytes::Refused);
        }
    }
}
