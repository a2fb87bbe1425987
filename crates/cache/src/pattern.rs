//! Which keys are meant.

use std::fmt;

use crate::{CacheKey, Error, key};

/// A pattern of whole keys: `*` stands for any text, `?` for one character, `\` takes the next character as it is.
///
/// ```
/// use palisade_cache::{CacheKey, Pattern};
///
/// let pattern = Pattern::new("users:1").unwrap();
/// assert!(!pattern.matches(&CacheKey::new("users:10").unwrap()));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Pattern {
    text: Box<str>,
    parts: Box<[Part]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Exactly(char),
    One,
    Any,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`Error::InvalidPattern`] when it is empty, longer than 512 bytes, has a control character or ends in the middle
    /// of an escape.
    pub fn new(text: impl Into<Box<str>>) -> Result<Self, Error> {
        let text = text.into();
        key::check(&text).map_err(Error::InvalidPattern)?;
        let mut parts = Vec::with_capacity(text.len());
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            match char {
                '*' if parts.last() == Some(&Part::Any) => {}
                '*' => parts.push(Part::Any),
                '?' => parts.push(Part::One),
                '\\' => {
                    let next = chars.next().ok_or(Error::InvalidPattern("nothing follows its last `\\`"))?;
                    parts.push(Part::Exactly(next));
                }
                _ => parts.push(Part::Exactly(char)),
            }
        }
        Ok(Self { text, parts: parts.into() })
    }

    /// Every key.
    #[must_use]
    pub fn everything() -> Self {
        Self { text: "*".into(), parts: [Part::Any].into() }
    }

    /// Whether the whole key is of this pattern. Takes time in proportion to the product of both lengths at worst.
    #[must_use]
    pub fn matches(&self, key: &CacheKey) -> bool {
        let (mut parts, mut text) = (&*self.parts, key.as_str());
        // Where to go on when the text after the last `*` does not fit: with that `*` one character longer.
        let mut retry: Option<(&[Part], &str)> = None;
        loop {
            let (next, mut rest) = (parts.split_first(), text.chars());
            match (next, rest.next()) {
                (Some((Part::Any, behind)), _) => {
                    retry = Some((behind, text));
                    parts = behind;
                }
                (Some((Part::One, behind)), Some(_)) => (parts, text) = (behind, rest.as_str()),
                (Some((Part::Exactly(wanted), behind)), Some(char)) if char == *wanted => {
                    (parts, text) = (behind, rest.as_str());
                }
                (None, None) => return true,
                _ => {
                    let Some((behind, from)) = retry else { return false };
                    let mut longer = from.chars();
                    if longer.next().is_none() {
                        return false;
                    }
                    retry = Some((behind, longer.as_str()));
                    (parts, text) = (behind, longer.as_str());
                }
            }
        }
    }

    /// The text it was made from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The glob of Redis (`SCAN … MATCH`) that lets all of these keys through behind `prefix`, and perhaps a few more:
    /// its `?` is a byte.
    #[cfg(feature = "redis")]
    pub(crate) fn glob(&self, prefix: &str) -> String {
        let mut glob = String::new();
        let exactly = |glob: &mut String, char: char| {
            if "*?[]^-\\".contains(char) {
                glob.push('\\');
            }
            glob.push(char);
        };
        prefix.chars().for_each(|char| exactly(&mut glob, char));
        for part in &self.parts {
            match part {
                Part::Exactly(char) => exactly(&mut glob, *char),
                Part::One => glob.push_str("?*"),
                Part::Any => glob.push('*'),
            }
        }
        glob
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, key: &str) -> bool {
        Pattern::new(pattern).unwrap().matches(&CacheKey::new(key).unwrap())
    }

    #[test]
    fn a_pattern_means_whole_keys() {
        assert!(matches("users:1", "users:1"));
        for other in ["users:10", "users:", "user", "xusers:1", "users:1:x"] {
            assert!(!matches("users:1", other), "{other}");
        }
    }

    #[test]
    fn wildcards_stand_for_text_and_for_one_character() {
        assert!(matches("users:*", "users:") && matches("users:*", "users:1:x"));
        assert!(matches("*:1", "a:b:1") && !matches("*:1", "a:10"));
        assert!(matches("a*b*c", "a-b-b-c") && !matches("a*b*c", "a-c-b"));
        assert!(matches("u?", "uß") && !matches("u?", "u") && !matches("u?", "uss"));
    }

    #[test]
    fn what_redis_would_take_for_a_class_is_text() {
        assert!(matches("a[bc]", "a[bc]") && !matches("a[bc]", "ab"));
        assert!(matches(r"a\*", "a*") && !matches(r"a\*", "ab"));
        assert!(matches!(Pattern::new(r"a\"), Err(Error::InvalidPattern(_))));
        assert!(Pattern::new("").is_err());
    }

    #[cfg(feature = "redis")]
    #[test]
    fn a_prefix_is_text_in_the_glob_of_redis() {
        let glob = |prefix, pattern| Pattern::new(pattern).unwrap().glob(prefix);
        assert_eq!(glob("cache:", "users:1"), "cache:users:1");
        assert_eq!(glob("c*[a]:", "u?:*"), r"c\*\[a\]:u?*:*");
    }

    /// The same by recursion, obviously right and exponentially slow.
    fn naive(parts: &[Part], text: &[char]) -> bool {
        match (parts.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((Part::Any, behind)), _) => {
                naive(behind, text) || text.split_first().is_some_and(|(_, rest)| naive(parts, rest))
            }
            (Some((Part::One, behind)), Some((_, rest))) => naive(behind, rest),
            (Some((Part::Exactly(wanted), behind)), Some((char, rest))) => {
                wanted == char && naive(behind, rest)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_obvious_way(pattern in "[ab*?]{1,8}", key in "[ab]{1,8}") {
            let pattern = Pattern::new(pattern).unwrap();
            let chars: Vec<char> = key.chars().collect();
            prop_assert_eq!(pattern.matches(&CacheKey::new(key).unwrap()), naive(&pattern.parts, &chars));
        }
    }
}
