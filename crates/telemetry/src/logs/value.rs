//! A field's value on its way into a line.

use std::{
    error::Error,
    fmt::{self, Write},
};

/// Longest text of one value, in bytes, before it is cut: a collector drops or tears longer lines (Docker's
/// driver at 16 KiB), and a client must not decide how much is logged.
pub(crate) const MAX_TEXT: usize = 8 * 1_024;

/// A value as [`tracing`] hands it over.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Str(&'a str),
    /// Whatever else shows as text: `%` and `?` fields, errors, numbers wider than JSON's readers take.
    Text(&'a dyn fmt::Display),
}

/// An error with its causes, nearest first.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)?;
        std::iter::successors(self.0.source(), |error| (*error).source())
            .try_for_each(|cause| write!(f, ": {cause}"))
    }
}

/// Shows what only has a debug form.
pub(crate) struct Shown<'a>(pub(crate) &'a dyn fmt::Debug);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Writes a text until it has taken [`MAX_TEXT`] bytes, each character that is not [plain](is_plain) through
/// `escape`.
pub(super) fn write_text(line: &mut String, text: &dyn fmt::Display, escape: fn(&mut String, char) -> bool) {
    let _ = write!(Escaped { line, escape, left: MAX_TEXT }, "{text}");
}

/// The same for a text that is there already, as most are.
pub(super) fn write_str(line: &mut String, text: &str, escape: fn(&mut String, char) -> bool) {
    if text.len() <= MAX_TEXT && all_plain(text) {
        line.push_str(text);
    } else {
        write_text(line, &text, escape);
    }
}

struct Escaped<'a> {
    line: &'a mut String,
    /// Writes the character's escape, or answers `false` when it may stand as it is.
    escape: fn(&mut String, char) -> bool,
    left: usize,
}

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let kept = text.get(..text.floor_char_boundary(self.left)).unwrap_or(text);
        let cut = kept.len() < text.len();
        self.left -= kept.len();
        if all_plain(kept) {
            self.line.push_str(kept);
        } else {
            for char in kept.chars() {
                if !(self.escape)(self.line, char) {
                    self.line.push(char);
                }
            }
        }
        if cut {
            self.line.push('…');
            return Err(fmt::Error);
        }
        Ok(())
    }
}

/// Whether a text stands for itself.
fn all_plain(text: &str) -> bool {
    let (words, rest) = text.as_bytes().as_chunks();
    words.iter().all(|word| are_plain(u64::from_ne_bytes(*word))) && rest.iter().all(|byte| is_plain(*byte))
}

/// The same as [`is_plain`] for eight bytes at once: in each of the differences a byte's high bit is set by the one that
/// is looked for (Anderson, Bit Twiddling Hacks, "Determine if a word has a byte less than n").
const fn are_plain(word: u64) -> bool {
    const EACH: u64 = u64::MAX / 255;
    const HIGH: u64 = EACH * 0x80;
    const fn less(word: u64, than: u8) -> u64 {
        word.wrapping_sub(EACH * than as u64) & !word
    }
    const fn has(word: u64, byte: u8) -> u64 {
        less(word ^ (EACH * byte as u64), 1)
    }
    let special = less(word, b' ') | has(word, b'"') | has(word, b'\\') | has(word, 0x7f) | word;
    special & HIGH == 0
}

/// Whether a byte stands for itself in every layout. Nearly every text of a log consists of such bytes alone and
/// is copied whole.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') & (byte != b'"') & (byte != b'\\')
}

/// Whether a reader could take this character for an order: controls (C0, C1, DEL), the separators that
/// JavaScript takes for line ends, and the marks that turn the direction of writing.
pub(super) fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn eight_bytes_are_plain_where_each_is(mut bytes in prop::array::uniform8(b' '..=b'~'), odd: u8, at in 0_usize..8) {
            prop_assert_eq!(are_plain(u64::from_ne_bytes(bytes)), bytes.into_iter().all(is_plain));
            bytes[at] = odd;
            prop_assert_eq!(are_plain(u64::from_ne_bytes(bytes)), bytes.into_iter().all(is_plain));
        }
    }
}
