//! Numbers of people: payment cards, telephones, social security.
//!
//! - **Card**: 13 to 19 digits in groups of two and more, spaces or hyphens between, that begin as the cards of an
//!   issuer do and whose check digit is right (ISO/IEC 7812-1 annex B).
//! - **Telephone**: 10 to 15 digits in groups, with a `+` before; or 3-3-4 digits, or 1-3-3-4, also with dots; or
//!   other groups that end in four digits and more or start with 0; or an area code with 0, a slash and the number; or
//!   groups with dots that start with 0; or 10 digits at a stretch that do not begin with 1, or 11.
//! - **Social security**: 3-2-4 digits with hyphens or spaces.
//!
//! Two numbers with nothing but a space between may be taken for one.
//!
//! Digits within a word, an escape, a UUID, a hexadecimal number, a date, an IP address or a decimal fraction are none
//! of these. Digits after a word and a hyphen (`SKU-2026-0815-4711`), after a year, and after the name of a thing's
//! number (`ISBN 0306406152`, `order_id=20100234567`) are no telephone number.

mod place;

use super::{
    bytes::{before, byte, end_of, start_of},
    email,
    found::{Found, Replacement, Step},
    iban, keep, shapes,
};
use place::Place;

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
    Slash,
}

/// Looks at the digits that start at `at`.
pub(super) fn find(bytes: &[u8], at: usize, floor: usize) -> Step {
    let end = end_of(bytes, at, |byte| byte.is_ascii_digit());
    if let Some(found) = shapes::of_digits(bytes, at, end).or_else(|| iban::find(bytes, at, floor)) {
        return Step::Found(found);
    }
    let is_in_word = before(bytes, at).is_ascii_alphabetic();
    if let Some(last) = short(bytes, at) {
        return Step::Skip(if is_in_word { end } else { last });
    }
    if let Some(end) = keep::end(bytes, at) {
        return Step::Skip(end);
    }
    if is_rest(bytes, at, end) {
        return Step::Skip(end);
    }
    let mut store = [Group::default(); MAX_GROUPS];
    let groups = read(bytes, at, &mut store);
    if count(groups) < LEAST_DIGITS {
        return Step::Skip(end);
    }
    let found = match Place::of(bytes, at) {
        Place::Plus => phone(bytes, groups, floor).or_else(|| card(bytes, groups)),
        Place::Word => card(bytes, groups),
        Place::Code => security(bytes, groups).or_else(|| card(bytes, groups)),
        Place::Free => {
            security(bytes, groups).or_else(|| card(bytes, groups)).or_else(|| phone(bytes, groups, floor))
        }
    };
    found.filter(|found| !email::holds(bytes, &found.range)).map_or(Step::Skip(end), Step::Found)
}

/// Where the last of the digits ends that start at `at` with all that could belong to them, if they are too few for
/// anything, as most are.
fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut digits, mut end) = (0, at);
    for (ahead, byte) in bytes.get(at..)?.iter().enumerate() {
        match byte {
            b'0'..=b'9' if digits == LEAST_DIGITS - 1 => return None,
            b'0'..=b'9' => (digits, end) = (digits + 1, at + ahead + 1),
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' | 0x80.. => {}
            _ => break,
        }
    }
    Some(end)
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
            [b'/', ..] => (1, Gap::Slash),
            _ => return None,
        };
        next += length;
        if gap == Gap::None || matches!(kind, Gap::Dot | Gap::Bracket | Gap::Slash) {
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
    if !is_issued(bytes, start) {
        return None;
    }
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

/// Whether the number begins as cards do that are in use: Mir and Mastercard with 2, those of travel, Visa, Mastercard,
/// Maestro, Discover and UnionPay with 3 to 6, `RuPay` and UnionPay with 81 and 82. Times, with 1 and 20, and books, with
/// 978 and 979, do not.
fn is_issued(bytes: &[u8], at: usize) -> bool {
    match (byte(bytes, at), byte(bytes, at + 1)) {
        (b'3'..=b'6', _) => true,
        (b'2', second) => matches!(second, b'2'..=b'7'),
        (b'8', second) => matches!(second, b'1' | b'2'),
        _ => false,
    }
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
        let (start, end) = groups.last().map_or((0, 0), |group| (group.start, group.end));
        let alone =
            !byte(bytes, end).is_ascii_alphanumeric() && shapes::of_digits(bytes, start, end).is_none();
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
        return is_at_a_stretch(bytes, first);
    }
    if is_dotted(bytes, groups) || is_after_slash(bytes, groups) {
        return true;
    }
    // Two numbers with a hyphen between are rather a range of ports.
    let loose = groups.len() > 2 || trunk || last.gap != Gap::Hyphen;
    let plain = groups.iter().all(|group| !matches!(group.gap, Gap::Dot | Gap::Slash));
    let whole = inner.iter().skip(1).all(|group| group.end - group.start > 1);
    let ends = last.end - last.start >= 4 || trunk && last.end - last.start > 1;
    is_exact(groups)
        || loose
            && plain
            && whole
            && ends
            && !is_year(bytes, first)
            && groups.len() <= 5
            && (10..=15).contains(&count(groups))
}

/// Ten digits, unless they begin with 1 as a time does and no area code, or eleven. Noughts at the start fill up an id.
fn is_at_a_stretch(bytes: &[u8], group: &Group) -> bool {
    let begin = (byte(bytes, group.start), byte(bytes, group.start + 1));
    let fits = match group.end - group.start {
        10 => begin.0 != b'1',
        11 => true,
        _ => false,
    };
    fits && begin != (b'0', b'0') && !is_fraction(bytes, group.end)
}

/// `06.12.34.56.78`: an area code with 0, and dots between all groups. Two digits and one dot are seconds.
fn is_dotted(bytes: &[u8], groups: &[Group]) -> bool {
    let seconds = matches!(groups, [first, _] if first.end - first.start < 3);
    let dots = groups.iter().skip(1).all(|group| group.gap == Gap::Dot);
    let whole = groups.iter().all(|group| group.end - group.start > 1);
    let end = groups.last().map_or(0, |group| group.end);
    !seconds
        && dots
        && whole
        && has_area_code(bytes, groups)
        && (9..=12).contains(&count(groups))
        && !is_fraction(bytes, end)
}

/// `030/90182345`: an area code with 0, a slash, and no dots. Between slashes it is part of a path.
fn is_after_slash(bytes: &[u8], groups: &[Group]) -> bool {
    let [first, second, rest @ ..] = groups else { return false };
    let plain = rest.iter().all(|group| matches!(group.gap, Gap::Space | Gap::Hyphen));
    let whole = rest.iter().chain([second]).all(|group| group.end - group.start > 1);
    let end = groups.last().map_or(0, |group| group.end);
    let is_path = before(bytes, first.start) == b'/' && byte(bytes, end) == b'/';
    second.gap == Gap::Slash
        && plain
        && whole
        && (3..=6).contains(&(first.end - first.start))
        && has_area_code(bytes, groups)
        && (9..=13).contains(&count(groups))
        && !is_path
}

/// Whether the number begins with 0 and another digit, as those do that are dialled within a country.
fn has_area_code(bytes: &[u8], groups: &[Group]) -> bool {
    groups.first().is_some_and(|first| {
        byte(bytes, first.start) == b'0' && matches!(byte(bytes, first.start + 1), b'1'..=b'9')
    })
}

/// Whether the group can be a year of this or the last century.
fn is_year(bytes: &[u8], group: &Group) -> bool {
    let century = bytes.get(group.start..group.start + 2);
    group.end - group.start == 4 && matches!(century, Some(b"19" | b"20"))
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
            ("030/90182345", "***-***-2345"),
            ("0341 / 1234-567", "***-***-4567"),
            ("0664/123 45 67.", "***-***-4567."),
            ("+49 (0)30/90182345", "***-***-2345"),
            ("06.12.34.56.78", "***-***-5678"),
            ("06.12.34.56.78.", "***-***-5678."),
            ("044.668.18.00", "***-***-1800"),
            ("+33.6.12.34.56.78", "***-***-5678"),
            ("0612345678", "***-***-5678"),
            ("tel-555-123-4567", "tel-***-***-4567"),
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
            "SKU-2026-0815-4711",
            "INV-2026-0042-123456",
            "2026-0815-4711",
            "PO-5551234567",
            "1234567890",
            "0012345678",
            "ISBN 0306406152",
            "order 20100234567",
            "order_id=5551234567",
            "{\"id\":5551234567}",
            "Invoice #4711-0815-2026",
            "isbn=9783161484100",
            "ISBN 978-3-16-148410-0",
            "20261130123456",
            "1764507600000000",
            "9780306406157",
            "/archive/030/90182345/page",
            "2026/11/30 123456",
            "1.06.12.34.56.78",
            "***-***-4567 123456",
            "****-****-****-1111 123456",
        ] {
            masks(text, text);
        }
    }
}
