//! What stands before digits says what they can be.

use crate::mask::bytes::{before, start_of};

/// What stands before digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A `+`: they are an international telephone number or none.
    Plus,
    /// A letter: they are part of a word.
    Word,
    /// A hyphen with a word or more digits before, or the name of a thing's number: they are part of a code.
    Code,
    Free,
}

impl Place {
    pub(super) fn of(bytes: &[u8], at: usize) -> Self {
        match before(bytes, at) {
            b'+' => Self::Plus,
            byte if byte.is_ascii_alphabetic() => Self::Word,
            b'-' if before(bytes, at - 1).is_ascii_digit() => Self::Code,
            b'-' if word_before(bytes, at - 1, is_no_telephone) => Self::Code,
            _ => {
                let label =
                    start_of(bytes, at, 0, 3, |byte| matches!(byte, b' ' | b':' | b'=' | b'#' | b'"'));
                let is_code = word_before(bytes, label, is_number_of_a_thing);
                if is_code { Self::Code } else { Self::Free }
            }
        }
    }
}

/// Longest word before digits that is looked at.
const WORD: usize = 8;

/// Whether the word that ends at `at` is one of those meant.
fn word_before(bytes: &[u8], at: usize, is_meant: fn(&[u8]) -> bool) -> bool {
    let start = start_of(bytes, at, 0, WORD, |byte| byte.is_ascii_alphabetic());
    bytes.get(start..at).is_some_and(|word| !word.is_empty() && is_meant(word))
}

fn is_no_telephone(word: &[u8]) -> bool {
    !["tel", "phone", "mobile", "cell", "fax", "call"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// Names of numbers that are given to things.
const NUMBERED: [&str; 12] =
    ["ean", "gtin", "id", "invoice", "isbn", "issn", "order", "serial", "sku", "ticket", "tracking", "upc"];

fn is_number_of_a_thing(word: &[u8]) -> bool {
    NUMBERED.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}
