//! Numbers of bank accounts (ISO 13616).

use super::{
    HIDDEN, keep,
    scan::{Found, Replacement, before, byte},
};

/// The countries that have them, each with the length of its numbers (SWIFT, IBAN Registry, release 99).
const COUNTRIES: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// The countries whose name could begin a hexadecimal number and whose accounts have digits alone.
const DIGITS_ALONE: [[u8; 2]; 5] = [*b"AE", *b"BA", *b"BE", *b"DE", *b"EE"];

/// The number whose two check digits start at `at`, compact or in groups. Part of a UUID is none.
pub(super) fn find(bytes: &[u8], at: usize, floor: usize) -> Option<Found> {
    let start = at.checked_sub(2).filter(|start| *start >= floor)?;
    let country = [byte(bytes, start).to_ascii_uppercase(), byte(bytes, start + 1).to_ascii_uppercase()];
    if !country.iter().all(u8::is_ascii_uppercase) || before(bytes, start).is_ascii_alphanumeric() {
        return None;
    }
    let (_, length) = COUNTRIES.iter().find(|(known, _)| **known == country)?;
    let end = end(bytes, start, *length)?;
    let number = bytes.get(start..end)?;
    let rest = number.iter().skip(2).filter(|byte| byte.is_ascii_alphanumeric());
    let digits = if DIGITS_ALONE.contains(&country) { usize::MAX } else { 2 };
    let fits = rest.take(digits).all(u8::is_ascii_digit) && remainder(number) == Some(1);
    (fits && keep::uuid(bytes, start).is_none())
        .then_some(Found { range: start..end, by: Replacement::Text(HIDDEN) })
}

/// Where so many letters and digits end, with at most one space or hyphen before each; no further one may follow.
fn end(bytes: &[u8], start: usize, length: usize) -> Option<usize> {
    let mut at = start;
    for place in 0..length {
        if place > 0 && matches!(byte(bytes, at), b' ' | b'-') {
            at += 1;
        }
        if !byte(bytes, at).is_ascii_alphanumeric() {
            return None;
        }
        at += 1;
    }
    (!byte(bytes, at).is_ascii_alphanumeric()).then_some(at)
}

/// What is left of the number when it is divided by 97, its first four characters at its end and each letter a number of
/// two digits from 10 on (ISO/IEC 7064, MOD 97-10).
fn remainder(number: &[u8]) -> Option<u32> {
    let characters = || number.iter().filter(|byte| byte.is_ascii_alphanumeric());
    characters().skip(4).chain(characters().take(4)).try_fold(0, |rest, byte| {
        let value = char::from(*byte).to_digit(36)?;
        let shift = if value < 10 { 10 } else { 100 };
        Some((rest * shift + value) % 97)
    })
}

#[cfg(test)]
mod tests {
    use crate::mask::tests::masks;

    #[test]
    fn finds_account_numbers_compact_and_in_groups() {
        for number in [
            "DE89370400440532013000",
            "de89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "GB82WEST12345698765432",
            "GB82 WEST 1234 5698 7654 32",
            "FR1420041010050500013M02606",
            "NL91ABNA0417164300",
            "NO9386011117947",
            "CH9300762011623852957",
            "MT84MALT011000012345MTLCAST001S",
        ] {
            masks(number, "***");
            masks(&format!("IBAN: {number}."), "IBAN: ***.");
            masks(&format!("{{\"iban\":\"{number}\"}}"), "{\"iban\":\"***\"}");
        }
    }

    #[test]
    fn leaves_what_only_looks_like_one() {
        for text in [
            "DE89370400440532013001",
            "XX89370400440532013000",
            "de89",
            "NO93",
            "DE89370400440532013000A",
            // Their remainders are right.
            "0aaaaaaa-a0a0-70a0-be0d-ae3c367b1bd9",
            "0aaaaaaa-a0a0-70a0-be71-096123456769",
            "00-000aaaa000a000a0a0aa0a0a0000aaaa-be0dae3c367b1bd9-01",
        ] {
            masks(text, text);
        }
    }
}
