//! The value of `Idempotency-Key`.

use std::str::FromStr;

use crate::Error;

/// A key: 1 to 255 visible ASCII characters.
///
/// It is taken as the string of a structured field (`"8e03978e"`, RFC 9651 §3.3.3), which the draft asks for (§2.1),
/// and bare (`8e03978e`), which is what most clients send; both are the same key. Parameters of a structured field
/// mean nothing here and are refused, as is white space within a key.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The most characters.
    pub const MAX_LENGTH: usize = 255;

    /// The text of the key, without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let key = match text.strip_prefix('"') {
            Some(rest) => unquoted(rest).ok_or(Error::InvalidKey)?,
            None => text.to_owned(),
        };
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if key.is_empty() || key.len() > Self::MAX_LENGTH || !visible {
            return Err(Error::InvalidKey);
        }
        Ok(Self(key))
    }
}

/// A key may tell what the client is about, so it is not shown.
impl std::fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdempotencyKey")
    }
}

/// What stands before the closing quote, which must be the end; `\"` and `\\` are the escapes there are.
fn unquoted(text: &str) -> Option<String> {
    let mut key = String::with_capacity(text.len());
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(key),
            '\\' => key.push(characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            other => key.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Option<String> {
        text.parse::<IdempotencyKey>().ok().map(|key| key.as_str().to_owned())
    }

    #[test]
    fn takes_both_spellings_of_a_key() {
        for (text, key) in [
            ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
            ("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            ("a\"b", "a\"b"),
            ("~!", "~!"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(key), "{text}");
        }
        for length in [1, 255] {
            assert!(
                parsed(&"k".repeat(length)).is_some()
                    && parsed(&format!("\"{}\"", "k".repeat(length))).is_some()
            );
        }
    }

    #[test]
    fn refuses_what_is_no_key() {
        for text in [
            "",
            "\"\"",
            "\"",
            "\"a",
            "\"a\"b",
            "\"a\";v=1",
            r#""a\n""#,
            r#""a\"#,
            "a b",
            "\"a b\"",
            "é",
            "a\u{7f}",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
        assert_eq!(parsed(&"k".repeat(256)), None);
        assert_eq!(parsed(&format!("\"{}\"", "k".repeat(256))), None);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_verdict_within_the_bounds(text in ".{0,300}") {
            if let Some(key) = parsed(&text) {
                prop_assert!((1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }

        #[test]
        fn a_quoted_key_is_the_bare_one(key in "[!-~&&[^\"]][!-~]{0,40}") {
            let quoted = format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""));
            prop_assert_eq!(parsed(&quoted), parsed(&key));
        }
    }
}
