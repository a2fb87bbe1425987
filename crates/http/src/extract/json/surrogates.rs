//! Escapes that stand for half a character.
//!
//! JSON can spell half of a UTF-16 pair, `"\ud800"`, which is no text (RFC 8259 §8.2). The parser would refuse
//! the whole body without saying where. Each such escape is therefore turned into `\u0000`, which parses, and
//! which no field takes: so the field that holds it is named like any other that breaks a rule.

use std::borrow::Cow;

/// The length of `\uXXXX`.
const ESCAPE: usize = 6;

/// The same JSON text with `\u0000` in place of each half of a pair that stands alone; of the same length.
pub(super) fn mark(text: &str) -> Cow<'_, str> {
    let halves = lone_halves(text.as_bytes());
    if halves.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut marked = String::with_capacity(text.len());
    let mut copied = 0;
    for start in halves {
        marked.push_str(text.get(copied..start).unwrap_or_default());
        marked.push_str("\\u0000");
        copied = start + ESCAPE;
    }
    marked.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(marked)
}

/// Where the lone halves stand. A backslash has meaning within strings only, and there it always takes the next
/// character along, so `\\ud800` holds none.
fn lone_halves(text: &[u8]) -> Vec<usize> {
    let (mut found, mut index, mut in_string) = (Vec::new(), 0, false);
    while let Some(byte) = text.get(index) {
        index += match byte {
            b'"' => {
                in_string = !in_string;
                1
            }
            b'\\' if in_string => match escaped_unit(text, index) {
                Some(0xD800..=0xDBFF)
                    if matches!(escaped_unit(text, index + ESCAPE), Some(0xDC00..=0xDFFF)) =>
                {
                    2 * ESCAPE
                }
                Some(0xD800..=0xDFFF) => {
                    found.push(index);
                    ESCAPE
                }
                _ => 2,
            },
            _ => 1,
        };
    }
    found
}

/// The UTF-16 unit that an escape at `index` spells.
fn escaped_unit(text: &[u8], index: usize) -> Option<u16> {
    let digits = text.get(index..index + ESCAPE)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16).and_then(|digit| u16::try_from(digit).ok())?;
        Some(unit << 4 | digit)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn marks_halves_and_nothing_else() {
        for (text, marked) in [
            (r#""\ud800""#, r#""\u0000""#),
            (r#""\uDFFF\uD83D\uDE00""#, r#""\u0000\uD83D\uDE00""#),
            (r#""\ud800\ud800\udc00""#, r#""\u0000\ud800\udc00""#),
            (r#""\ud800\n\udc00""#, r#""\u0000\n\u0000""#),
            (r#"{"\udc00":"\\\udc00"}"#, r#"{"\u0000":"\\\u0000"}"#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\"\ud83d\ude00""#, r#""\"\ud83d\ude00""#),
            (r#"\ud800"#, r#"\ud800"#),
            (r#""\ud80"#, r#""\ud80"#),
        ] {
            assert_eq!(mark(text), marked, "{text}");
        }
    }

    proptest! {
        /// Whatever the parser takes is left as it is; whatever it refuses only for a lone half is taken.
        #[test]
        fn agrees_with_the_parser(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    r"\ud800", r"\uDBFF", r"\udc00", r"\uDFFF", r"\u0041", r"\\", r#"\""#, r"\n", "ud800", "é", "😀", "x",
                ]),
                0..12,
            ),
        ) {
            let text = format!("[\"{}\"]", parts.concat());
            let marked = mark(&text);
            prop_assert_eq!(marked.len(), text.len());
            prop_assert!(serde_json::from_str::<Value>(&marked).is_ok(), "{}", marked);
            prop_assert_eq!(serde_json::from_str::<Value>(&text).is_ok(), matches!(marked, Cow::Borrowed(_)));
        }

        #[test]
        fn any_text_keeps_its_length(text in ".*") {
            prop_assert_eq!(mark(&text).len(), text.len());
        }
    }
}
