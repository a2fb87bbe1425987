//! Texts within texts: `%40` and `\u0040` are `@` to whoever reads them.

/// How often a text can have been escaped.
pub(super) const MAX_LAYERS: usize = 6;

/// The text with one layer of escapes taken off, where they stand for printable ASCII: percent-encoding (RFC 3986
/// §2.1) and those of JSON and scripts. `None` when there are none.
pub(super) fn decode(text: &str) -> Option<String> {
    let first = text.bytes().position(|byte| matches!(byte, b'%' | b'\\'))?;
    let mut out = String::new();
    let (mut done, mut at) = (0, first);
    while let Some(rest) = text.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        let Some((char, length)) = escape(rest) else {
            at += 1 + rest.iter().skip(1).take_while(|byte| !matches!(byte, b'%' | b'\\')).count();
            continue;
        };
        out.push_str(text.get(done..at).unwrap_or_default());
        out.push(char);
        at += length;
        done = at;
    }
    (done > 0).then(|| {
        out.push_str(text.get(done..).unwrap_or_default());
        out
    })
}

/// Whether a text starts with an escape that can be taken off.
pub(super) fn starts(bytes: &[u8]) -> bool {
    escape(bytes).is_some()
}

/// How many bytes of a text belong to the escape that it starts with, whatever that stands for; 1 where there is none.
/// Digits of an escape belong to no number: `order%20100234567`.
pub(super) fn length(bytes: &[u8]) -> usize {
    let digits =
        |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_hexdigit()).take(4).count();
    match bytes {
        [b'%', ..] if digits(1) >= 2 => percent(bytes),
        [b'\\', b'x', ..] if digits(2) >= 2 => 4,
        [b'\\', b'u', ..] if digits(2) == 4 => 6,
        [b'\\', b'u', b'{', ..] => 3 + digits(3),
        _ => 1,
    }
}

/// The length of a percent-encoded byte, which may itself be the `%` of another: `%2520`.
fn percent(bytes: &[u8]) -> usize {
    let mut length = 3;
    while let Some([b'2', b'5', high, low]) = bytes.get(length - 2..length + 2) {
        if !high.is_ascii_hexdigit() || !low.is_ascii_hexdigit() {
            break;
        }
        length += 2;
    }
    length
}

/// The character that an escape stands for, and the escape's length.
fn escape(rest: &[u8]) -> Option<(char, usize)> {
    let (high, low, length) = match rest {
        [b'\\', b'/', ..] => return Some(('/', 2)),
        [b'%', high, low, ..] => (high, low, 3),
        [b'\\', b'x', high, low, ..] => (high, low, 4),
        [b'\\', b'u', b'0', b'0', high, low, ..] => (high, low, 6),
        [b'\\', b'u', b'{', high, low, b'}', ..] => (high, low, 6),
        _ => return None,
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = digit(high)? * 16 + digit(low)?;
    matches!(byte, b' '..=b'~').then_some((char::from(byte), length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Masker;

    #[test]
    fn takes_off_one_layer() {
        assert_eq!(decode("a%40b%2").as_deref(), Some("a@b%2"));
        assert_eq!(decode(r"a\u0040b\x40c\u{40}d\/").as_deref(), Some("a@b@c@d/"));
        for text in ["100%", "%zz", "%0a", r"\u00e9", r"\n", ""] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn digits_of_an_escape_belong_to_no_number() {
        let mask = Masker::default();
        for text in [
            "order%20100234567",
            "order%2520100234567",
            r"caf\u00e9123456789",
            r"it\u20191234567",
            "%98123456789 x",
        ] {
            assert_eq!(mask.text(text), text);
            assert_eq!(mask.path(text), text);
            assert_eq!(mask.query(&format!("q={text}")), format!("q={text}"));
        }
        assert_eq!(mask.text("order%205551234567"), "order%20***-***-4567");
    }

    #[test]
    fn what_is_hidden_by_escapes_is_found() {
        let mask = Masker::default();
        for text in [
            "ulla%40example.com",
            "ulla%2540example.com",
            r"ulla\u0040example.com",
            r"u\u006cla\u0040example.com",
        ] {
            assert_eq!(mask.text(text), "u***@example.com");
            assert_eq!(mask.path(text), "u***@example.com");
        }
        assert_eq!(mask.text("/a?%70assword=x"), "/a?password=***");
        assert_eq!(mask.text("100%41 of it"), "100%41 of it");
    }
}
