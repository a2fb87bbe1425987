//! What looks like a number to hide and is none: ids, dates, addresses of the network.

use super::bytes::{before, byte, end_of};

/// Whether the whole text is a UUID, or a trace's or span's id (32 or 16 lower-case hexadecimal digits, W3C Trace
/// Context §3.2.2). One of 16 decimal digits could be a payment card.
pub(super) fn is_whole(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.len() {
        36 => is_uuid(bytes),
        32 => is_lower_hex(bytes),
        16 => is_lower_hex(bytes) && bytes.iter().any(|byte| !byte.is_ascii_digit()),
        _ => false,
    }
}

/// Where the UUID, date or IPv4 address ends that the digits at `at` belong to.
pub(super) fn end(bytes: &[u8], at: usize) -> Option<usize> {
    address(bytes, at).or_else(|| date(bytes, at)).or_else(|| uuid(bytes, at))
}

/// A UUID one of whose groups starts at `at` (RFC 9562 §4).
pub(super) fn uuid(bytes: &[u8], at: usize) -> Option<usize> {
    [0, 9, 14, 19, 24].into_iter().find_map(|group| {
        let start = at.checked_sub(group)?;
        let end = start + 36;
        let alone =
            !before(bytes, start).is_ascii_alphanumeric() && !byte(bytes, end).is_ascii_alphanumeric();
        (alone && is_uuid(bytes.get(start..end)?)).then_some(end)
    })
}

/// It looks at every digit, so that the compiler can look at many at once.
fn is_uuid(bytes: &[u8]) -> bool {
    let hyphens = [8, 13, 18, 23].into_iter().all(|at| byte(bytes, at) == b'-');
    hyphens && bytes.iter().map(|byte| u8::from(byte.is_ascii_hexdigit())).sum::<u8>() == 32
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
    let (mut end, mut dots, mut number, mut digits) = (at, 0, 0_u32, 0);
    for byte in bytes.get(at..)?.iter().take(16) {
        match byte {
            b'0'..=b'9' => (number, digits) = (number * 10 + u32::from(byte - b'0'), digits + 1),
            b'.' if digits > 0 && dots < 3 => (number, digits, dots) = (0, 0, dots + 1),
            _ => break,
        }
        if number > 255 || digits > 3 {
            return None;
        }
        end += 1;
    }
    let fifth = byte(bytes, end) == b'.' && byte(bytes, end + 1).is_ascii_digit();
    (dots == 3 && digits > 0 && !fifth && !byte(bytes, end).is_ascii_digit()).then_some(end)
}

fn is_lower_hex(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |hex, byte| hex & matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
