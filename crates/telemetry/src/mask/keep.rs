//! What looks like a number to hide and is none: ids, dates, addresses of the network.

use super::scan::{before, byte, end_of};

/// Whether the whole text is a UUID, or a trace's or span's id (32 or 16 lower-case hexadecimal digits, W3C Trace
/// Context §3.2.2). One of 16 decimal digits could be a payment card.
pub(super) fn is_whole(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.len() {
        36 => is_uuid(bytes),
        32 => bytes.iter().all(|byte| is_lower_hex(*byte)),
        16 => bytes.iter().all(|byte| is_lower_hex(*byte)) && bytes.iter().any(|byte| !byte.is_ascii_digit()),
        _ => false,
    }
}

/// Where the UUID, date or IPv4 address ends that the digits at `at` belong to.
pub(super) fn end(bytes: &[u8], at: usize) -> Option<usize> {
    uuid(bytes, at).or_else(|| date(bytes, at)).or_else(|| address(bytes, at))
}

/// A UUID one of whose groups starts at `at` (RFC 9562 §4).
fn uuid(bytes: &[u8], at: usize) -> Option<usize> {
    [0, 9, 14, 19, 24].into_iter().find_map(|group| {
        let start = at.checked_sub(group)?;
        let end = start + 36;
        let alone =
            !before(bytes, start).is_ascii_alphanumeric() && !byte(bytes, end).is_ascii_alphanumeric();
        (alone && is_uuid(bytes.get(start..end)?)).then_some(end)
    })
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

/// A date of this or the last century, and the time after it (RFC 3339 §5.6).
pub(super) fn date(bytes: &[u8], at: usize) -> Option<usize> {
    let [century @ .., _, _, b'-', b'0' | b'1', _, b'-', b'0'..=b'3', _] = bytes.get(at..at + 10)? else {
        return None;
    };
    let digits = [2, 3, 6, 9].into_iter().all(|place| byte(bytes, at + place).is_ascii_digit());
    if !digits || !matches!(century, b"19" | b"20") {
        return None;
    }
    let end = at + 10;
    let clock = |place: usize| {
        byte(bytes, place).is_ascii_digit()
            && byte(bytes, place + 1).is_ascii_digit()
            && byte(bytes, place + 2) == b':'
    };
    match byte(bytes, end) {
        b'T' | b't' | b' ' if clock(end + 1) => Some(end_of(bytes, end + 1, is_of_time)),
        next if next.is_ascii_digit() => None,
        _ => Some(end),
    }
}

fn is_of_time(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b':' | b'.')
}

/// Four numbers up to 255 with dots between, and no fifth.
fn address(bytes: &[u8], at: usize) -> Option<usize> {
    let near =
        bytes.get(at..)?.iter().take(17).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let text = std::str::from_utf8(bytes.get(at..at + near)?).ok()?;
    let text = text.trim_end_matches('.');
    text.parse::<std::net::Ipv4Addr>().ok().map(|_| at + text.len())
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}
