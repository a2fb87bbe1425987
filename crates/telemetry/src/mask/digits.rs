//! Numbers of people: payment cards, telephones, social security.
//!
//! - **Card**: 13 to 19 digits in groups of two and more, spaces or hyphens between, whose check digit is right
//!   (ISO/IEC 7812-1 annex B). One time of ten an epoch in milliseconds is taken for one.
//! - **Telephone**: 10 to 15 digits in groups, with a `+` before; or 3-3-4 digits, or 1-3-3-4, also with dots; or
//!   other groups that end in four digits and more or start with 0; or 10 or 11 digits at a stretch, unless they are an
//!   epoch in seconds (2014 to 2033).
//! - **Social security**: 3-2-4 digits with hyphens or spaces.
//!
//! Two numbers with nothing but a space between may be taken for one.
//!
//! Digits within a word, a UUID, a hexadecimal number, a date, an IP address or a decimal fraction are none of these.

use super::{
    email, keep,
    scan::{Found, Replacement, Step, before, byte, end_of, start_of},
};

/// Most digits of a card, and so of anything here.
const MAX_DIGITS: usize = 19;
const MAX_GROUPS: usize = 10;
/// Fewest digits of anything here.
const LEAST_DIGITS: usize = 9;

/// Digits at a stretch.
#[derive(Clone, Copy, Default)]
struct Group {
    start: usize,
    end: usize,
    /// What stands between this group and the one before.
    gap: Gap,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Gap {
    #[default]
    None,
    Space,
    Hyphen,
    Dot,
    Bracket,
}

/// Looks at the digits that start at `at`.
pub(super) fn find(bytes: &[u8], at: usize, floor: usize) -> Step {
    if let Some(end) = short(bytes, at).or_else(|| keep::end(bytes, at)) {
        return Step::Skip(end);
    }
    let end = end_of(bytes, at, |byte| byte.is_ascii_digit());
    if is_rest(bytes, at, end) {
        return Step::Skip(end);
    }
    let mut store = [Group::default(); MAX_GROUPS];
    let groups = read(bytes, at, &mut store);
    if count(groups) < LEAST_DIGITS {
        return Step::Skip(end);
    }
    let found = match before(bytes, at) {
        b'+' => phone(bytes, groups, floor).or_else(|| card(bytes, groups)),
        byte if byte.is_ascii_alphabetic() => card(bytes, groups),
        _ => security(bytes, groups).or_else(|| card(bytes, groups)).or_else(|| phone(bytes, groups, floor)),
    };
    found.filter(|found| !email::holds(bytes, &found.range)).map_or(Step::Skip(end), Step::Found)
}

/// Where the digits end that start at `at` with all that could belong to them, if they are too few for anything, as
/// most are.
fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let mut digits = 0;
    for (ahead, byte) in bytes.get(at..)?.iter().enumerate() {
        match byte {
            b'0'..=b'9' if digits == LEAST_DIGITS - 1 => return None,
            b'0'..=b'9' => digits += 1,
            b' ' | b'-' | b'.' | b'(' | b')' | 0x80.. => {}
            _ => return Some(at + ahead),
        }
    }
    Some(bytes.len())
}

/// The groups from `at` on, as many as can be of one number.
fn read<'a>(bytes: &[u8], at: usize, store: &'a mut [Group; MAX_GROUPS]) -> &'a [Group] {
    let (mut start, mut gap, mut digits, mut count) = (at, Gap::None, 0, 0);
    for group in store.iter_mut() {
        let end = end_of(bytes, start, |byte| byte.is_ascii_digit());
        digits += end - start;
        let date = count > 0 && end - start == 4 && keep::date(bytes, start).is_some();
        if digits > MAX_DIGITS || date {
            break;
        }
        *group = Group { start, end, gap };
        count += 1;
        // Only what follows the country may be one digit (`+33 1 23 45 67 89`), or what ends a card.
        if count > 2 && end - start == 1 {
            break;
        }
        let Some((next, between)) = separators(bytes, end) else { break };
        (start, gap) = (next, between);
    }
    store.get(..count).unwrap_or_default()
}

/// Where the next group starts and what stands before it: one to three separators.
fn separators(bytes: &[u8], at: usize) -> Option<(usize, Gap)> {
    let (mut next, mut gap) = (at, Gap::None);
    for _ in 0..4 {
        let (length, kind) = match bytes.get(next..)? {
            [b'0'..=b'9', ..] => return (gap != Gap::None).then_some((next, gap)),
            [b' ', ..] => (1, Gap::Space),
            // A no-break space, and a narrow one.
            [0xc2, 0xa0, ..] => (2, Gap::Space),
            [0xe2, 0x80, 0xaf, ..] => (3, Gap::Space),
            [b'-', ..] => (1, Gap::Hyphen),
            // Hyphens and dashes from U+2010 to U+2015.
            [0xe2, 0x80, 0x90..=0x95, ..] => (3, Gap::Hyphen),
            [b'.', ..] => (1, Gap::Dot),
            [b'(' | b')', ..] => (1, Gap::Bracket),
            _ => return None,
        };
        next += length;
        if gap == Gap::None || matches!(kind, Gap::Dot | Gap::Bracket) {
            gap = kind;
        }
    }
    None
}

/// Whether the digits are the four that a mask left over, or a fraction.
fn is_rest(bytes: &[u8], at: usize, end: usize) -> bool {
    let left = end - at == 4 && bytes.get(at.saturating_sub(4)..at) == Some(b"***-");
    left || before(bytes, at) == b'.' && before(bytes, at - 1).is_ascii_digit()
}

fn security(bytes: &[u8], groups: &[Group]) -> Option<Found> {
    let [first, second, third, ..] = groups else { return None };
    let shape = [first, second, third].map(|group| group.end - group.start) == [3, 2, 4];
    let near = [(first, second), (second, third)]
        .into_iter()
        .all(|(left, right)| right.start - left.end == 1 && matches!(right.gap, Gap::Space | Gap::Hyphen));
    let alone = shape && near && !byte(bytes, third.end).is_ascii_alphanumeric();
    alone.then_some(Found { range: first.start..third.end, by: Replacement::Text("***-**-****") })
}

fn card(bytes: &[u8], groups: &[Group]) -> Option<Found> {
    let start = groups.first()?.start;
    let alone = |end| !is_hexadecimal(bytes, start, end) && !is_fraction(bytes, end);
    let fits = |length: &usize| {
        let Some((last, inner)) = groups.get(..*length).and_then(<[Group]>::split_last) else { return false };
        let plain =
            groups.iter().take(*length).skip(1).all(|group| matches!(group.gap, Gap::Space | Gap::Hyphen));
        let whole = inner.iter().all(|group| group.end - group.start > 1);
        let long = count(inner) + last.end - last.start >= 13;
        long && plain && whole && alone(last.end) && bytes.get(start..last.end).is_some_and(has_check_digit)
    };
    // A card at a stretch or in four groups of four, whatever follows; else as many groups as can be.
    let usual = |length: &usize| {
        *length == 1 || *length == 4 && groups.iter().take(4).all(|group| group.end - group.start == 4)
    };
    let lengths = 1..=groups.len();
    let length = lengths.clone().filter(usual).chain(lengths.rev()).find(fits)?;
    let end = groups.get(length - 1)?.end;
    Some(Found { range: start..end, by: last_four("****-****-****-", bytes.get(start..end)?) })
}

/// Whether there are letters around the digits, and those of a hexadecimal number alone.
fn is_hexadecimal(bytes: &[u8], start: usize, end: usize) -> bool {
    let left = start_of(bytes, start, 0, MAX_DIGITS, |byte| byte.is_ascii_alphanumeric());
    let right = bytes.get(end..).unwrap_or_default().iter().take(MAX_DIGITS);
    let right = end + right.take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let mut around = bytes
        .get(left..start)
        .into_iter()
        .chain(bytes.get(end..right))
        .flatten()
        .filter(|byte| !byte.is_ascii_digit())
        .peekable();
    around.peek().is_some() && around.all(u8::is_ascii_hexdigit)
}

/// Luhn's sum (ISO/IEC 7812-1 annex B). Noughts alone are a placeholder.
fn has_check_digit(bytes: &[u8]) -> bool {
    let digits = bytes.iter().rev().filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit) {
            (0, digit) => digit,
            (_, digit @ 0..=4) => digit * 2,
            (_, digit) => digit * 2 - 9,
        })
        .sum();
    sum > 0 && sum.is_multiple_of(10)
}

fn phone(bytes: &[u8], groups: &[Group], floor: usize) -> Option<Found> {
    let first = groups.first()?;
    let start = opening(bytes, first.start, floor);
    let international = bytes.get(start..first.start)?.contains(&b'+');
    let fit = (1..=groups.len()).filter_map(|length| groups.get(..length)).filter(|groups| {
        let end = groups.last().map_or(0, |group| group.end);
        let alone = !byte(bytes, end).is_ascii_alphanumeric();
        alone && if international { (10..=15).contains(&count(groups)) } else { is_national(bytes, groups) }
    });
    // The first that has an exact shape, else the longest.
    let chosen = fit.reduce(|best, next| if is_exact(best) { best } else { next })?;
    let end = chosen.last()?.end;
    // A number before a card must not take the card's first groups for its own.
    let before_card = |group: &Group| {
        let mut store = [Group::default(); MAX_GROUPS];
        card(bytes, read(bytes, group.start, &mut store)).is_some()
    };
    if !is_exact(chosen) && chosen.iter().skip(1).any(before_card) {
        return None;
    }
    Some(Found { range: start..end, by: last_four("***-***-", bytes.get(start..end)?) })
}

/// Where the number starts with what belongs to it before its first digit: `+`, `(`, `(+`.
fn opening(bytes: &[u8], at: usize, floor: usize) -> usize {
    start_of(bytes, at, floor, 2, |byte| matches!(byte, b'+' | b'('))
}

fn is_national(bytes: &[u8], groups: &[Group]) -> bool {
    let Some((last, inner)) = groups.split_last() else { return false };
    let Some(first) = groups.first() else { return false };
    let trunk = byte(bytes, first.start) == b'0';
    if inner.is_empty() {
        let epoch = matches!(bytes.get(first.start..first.start + 2), Some([b'1', b'4'..=b'9']));
        let length = last.end - last.start;
        return !is_fraction(bytes, last.end) && (length == 11 || length == 10 && !epoch);
    }
    // Two numbers with a hyphen between are rather a range of ports.
    let loose = groups.len() > 2 || trunk || last.gap != Gap::Hyphen;
    let plain = groups.iter().all(|group| group.gap != Gap::Dot);
    let whole = inner.iter().skip(1).all(|group| group.end - group.start > 1);
    let ends = last.end - last.start >= 4 || trunk && last.end - last.start > 1;
    is_exact(groups)
        || loose && plain && whole && ends && groups.len() <= 5 && (10..=15).contains(&count(groups))
}

/// Whether the groups are those of a number of North America, or ten digits at a stretch.
fn is_exact(groups: &[Group]) -> bool {
    let mut lengths = groups.iter().map(|group| group.end - group.start);
    let mut next = || lengths.next().unwrap_or(0);
    match [next(), next(), next(), next(), next()] {
        [3, 3, 4, 0, _] | [1, 3, 3, 4, 0] => true,
        [first, 0, ..] => first >= 10,
        _ => false,
    }
}

fn is_fraction(bytes: &[u8], end: usize) -> bool {
    byte(bytes, end) == b'.' && byte(bytes, end + 1).is_ascii_digit()
}

fn count(groups: &[Group]) -> usize {
    groups.iter().map(|group| group.end - group.start).sum()
}

fn last_four(hidden: &'static str, bytes: &[u8]) -> Replacement {
    let mut four = *b"****";
    let digits = bytes.iter().rev().filter(|byte| byte.is_ascii_digit());
    four.iter_mut().rev().zip(digits).for_each(|(place, digit)| *place = *digit);
    Replacement::Last(hidden, four)
}

#[cfg(test)]
mod tests {
    use crate::mask::tests::masks;

    #[test]
    fn finds_cards_by_their_check_digit() {
        for card in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "4111 - 1111 - 1111 - 1111",
            "4111\u{a0}1111\u{a0}1111\u{a0}1111",
            "41 11 11 11 11 11 11 11",
        ] {
            masks(card, "****-****-****-1111");
            masks(&format!("card {card}, 12/26"), "card ****-****-****-1111, 12/26");
        }
        masks("378282246310005", "****-****-****-0005");
        masks("3782 822463 10005", "****-****-****-0005");
        masks("4222 2222 2222 2", "****-****-****-2222");
        masks("VISA4111111111111111x", "VISA****-****-****-1111x");
        masks("**4111111111111111**", "******-****-****-1111**");
        masks("4111 1111 1111 1111@example.com", "****-****-****-1111@example.com");
        masks("12 4111 1111 1111 1111", "12 ****-****-****-1111");
        for text in ["4111111111111112", "0000000000000000", "beef4111111111111111", "0.4111111111111111"] {
            masks(text, text);
        }
    }

    #[test]
    fn finds_telephones_by_their_groups() {
        for (text, shown) in [
            ("555-123-4567", "***-***-4567"),
            ("(555) 123-4567", "***-***-4567"),
            ("1-555-123-4567", "***-***-4567"),
            ("555.123.4567", "***-***-4567"),
            ("+1 (555) 123-4567", "***-***-4567"),
            ("+15551234567", "***-***-4567"),
            ("+49 30 901820", "***-***-1820"),
            ("5551234567", "***-***-4567"),
            ("15551234567", "***-***-4567"),
            ("020 7946 0958", "***-***-0958"),
            ("01 23 45 67 89", "***-***-6789"),
            ("98765 43210", "***-***-3210"),
            ("+33 1 23 45 67 89", "***-***-6789"),
            ("call 555-123-4567 or 555-123-4568.", "call ***-***-4567 or ***-***-4568."),
            ("555 123 4567 12 34", "***-***-4567 12 34"),
        ] {
            masks(text, shown);
        }
    }

    #[test]
    fn finds_social_security_numbers() {
        masks("123-45-6789", "***-**-****");
        masks("ssn is 123 45 6789.", "ssn is ***-**-****.");
        masks("123-45-678", "123-45-678");
    }

    #[test]
    fn leaves_other_numbers() {
        for text in [
            "1732222222222",
            "1732222222",
            "1732222222.123",
            "2026-11-21T20:36:35",
            "2026-11-21T20:36:35.123456789Z",
            "2026-11-21 20:36:35.123456 +0000",
            "from 2026-11-20 to 2026-11-21",
            "192.168.100.200",
            "192.168.100.200:8080",
            "2001:db8:85a3:1234:5678:8a2e:370:7334",
            "12345678-1234-1234-1234-123456789012",
            "id=12345678-1234-1234-1234-123456789012;",
            "a2345678-1234-1234-1234-123456789012",
            "12345678901234567890123456789012",
            "00-12345678901234567890123456789012-1234567890123456-01",
            "49152-65535",
            "1.4.18",
            "12.345 ms",
            "3.141592653589793",
            "123456789",
            "***-***-4567 123456",
            "****-****-****-1111 123456",
        ] {
            masks(text, text);
        }
    }
}
