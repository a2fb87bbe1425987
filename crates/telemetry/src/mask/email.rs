//! E-mail addresses (RFC 5321 §4.1.2, as people write them).

use super::{
    bytes::{byte, end_of, start_of},
    found::{Found, Replacement},
};

/// The local part of the address around the `@` at `at`. One that holds `***` is masked already.
pub(super) fn find(bytes: &[u8], at: usize, floor: usize) -> Option<Found> {
    let start = start_of(bytes, at, floor, usize::MAX, is_local);
    let local = bytes.get(start..at)?;
    let masked = local.windows(3).any(|part| part == b"***");
    if local.is_empty() || masked || !is_domain(bytes, at + 1) {
        return None;
    }
    let first = 1 + local.iter().skip(1).take_while(|byte| **byte & 0xc0 == 0x80).count();
    Some(Found { range: start..at, by: Replacement::First(first) })
}

/// Whether the range is part of the local part of an address, which hides it whole.
pub(super) fn holds(bytes: &[u8], range: &std::ops::Range<usize>) -> bool {
    let near = bytes.get(range.end..).unwrap_or_default().iter().take(64);
    let end = range.end + near.take_while(|byte| is_local(**byte)).count();
    let local = bytes.get(range.clone()).is_some_and(|part| part.iter().all(|byte| is_local(*byte)));
    local && byte(bytes, end) == b'@' && is_domain(bytes, end + 1)
}

/// Whether a host's name with a dot and a top-level domain that starts with a letter begins at `at`; a package's
/// version (`actix-web@4.18`) is none.
fn is_domain(bytes: &[u8], at: usize) -> bool {
    let end = end_of(bytes, at, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | 0x80..));
    let mut labels = bytes.get(at..end).unwrap_or_default().split(|byte| *byte == b'.');
    let first = labels.next().is_some_and(|label| !label.is_empty());
    first && labels.any(|label| label.len() > 1 && label.first().is_some_and(|byte| !byte.is_ascii_digit()))
}

/// What people's addresses are made of. Quotes, brackets and `/`, which are allowed too, more often stand around
/// an address.
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'~' | b'!' | b'#' | b'$' | b'^' | b'*' | 0x80..)
}

#[cfg(test)]
mod tests {
    use crate::mask::tests::masks;

    #[test]
    fn keeps_the_first_character_and_the_domain() {
        masks("ulla@example.com", "u***@example.com");
        masks("<Ulla.Beispiel+tag@Mail.Example.CO.UK>, x", "<U***@Mail.Example.CO.UK>, x");
        masks("to=ülla@bücher.example;", "to=ü***@bücher.example;");
        masks("/users/ulla@example.com/posts", "/users/u***@example.com/posts");
        masks("a@x.io,b@y.io", "a***@x.io,b***@y.io");
        masks("5551234567@example.com", "5***@example.com");
        let long = "a".repeat(500);
        masks(&format!("{long}@example.com."), "a***@example.com.");
    }

    #[test]
    fn leaves_what_only_has_the_sign() {
        for text in
            ["@", "a@", "@b.com", "actix-web@4.18", "ulla@home", "u***@example.com", "***@example.com"]
        {
            masks(text, text);
        }
    }
}
