//! Where a text that is cut may end.

/// How far back an end is looked for, in bytes: longer than an address (RFC 5321 §4.5.3.1: 320 bytes) and most keys.
const FARTHEST: usize = 1_024;

/// A text whose rest is missing, without its last word, and without the number before it: half of an address, of a key
/// or of a card is not known for what it is, and would be shown.
pub(super) fn whole_words(text: &str) -> &str {
    let farthest = text.len().saturating_sub(FARTHEST);
    let bytes = text.as_bytes();
    let mut end = text.len();
    for is_part in [is_of_word as fn(u8) -> bool, is_of_number] {
        while end > farthest && bytes.get(end - 1).is_some_and(|byte| is_part(*byte)) {
            end -= 1;
        }
    }
    text.get(..text.floor_char_boundary(end)).unwrap_or_default()
}

/// Whether a secret may go on with it. An escape is part of a word, in JSON and in a form.
fn is_of_word(byte: u8) -> bool {
    !byte.is_ascii_whitespace()
        && !matches!(byte, b'"' | b',' | b';' | b'&' | b'<' | b'>' | b'{' | b'}' | b'[' | b']' | b'|')
}

/// Whether numbers are written with it: groups of digits and what stands between.
fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b' ' | b'\t' | b'(' | b')' | b'+' | b'-' | b'.' | b'/')
}

#[cfg(test)]
mod tests {
    use palisade_telemetry::Masker;

    use super::*;

    #[test]
    fn a_text_ends_before_what_may_be_half() {
        for (text, kept) in [
            ("", ""),
            ("hello wor", "hello"),
            ("a, b", "a,"),
            ("to ulla@exam", "to"),
            ("call +1 (555) 123-45", "call"),
            ("card 4111 1111 ", "card"),
            (r#"{"a":1,"b":"x y z"#, r#"{"a":1,"b":"x y"#),
            (r#"{"to":"ulla\u0040exam"#, r#"{"to":""#),
            ("a=1&to=ulla%40exam", "a=1&"),
            ("schön wär", "schön"),
        ] {
            assert_eq!(whole_words(text), kept, "{text}");
        }
        assert_eq!(whole_words(&"ä".repeat(1_000)).len(), 2_000 - FARTHEST);
    }

    #[test]
    fn wherever_a_text_is_cut_no_half_of_a_secret_is_left() {
        let mask = Masker::default();
        for (text, halves) in [
            ("card: 4111 1111 1111 1111 exp", &["411"][..]),
            (r#"{"to":"ulla.tester@example.com","a":1}"#, &["ulla"]),
            ("tel=+1 (555) 123-4567 now", &["555", "123"]),
            ("ssn 536-22-1234 now", &["536", "22-"]),
            (r#"{"password":"correct horse battery","a":1}"#, &["correct", "horse"]),
            (r#"{"secret":{"a":"correct","b":["horse"]},"c":1}"#, &["correct", "horse"]),
            ("Authorization: Bearer abcdef.ghi\nnext", &["abc"]),
        ] {
            for cut in 0..text.len() {
                let shown = mask.json(whole_words(&text[..cut]));
                assert!(!halves.iter().any(|half| shown.contains(half)), "{cut}: {shown}");
            }
        }
    }
}
