//! Usernames.

use std::fmt;

use palisade_core::{FieldError, Parse};
use serde::Serialize;

/// A name of 3 to 50 ASCII letters, digits and underscores. It keeps the case it was given in, and is taken
/// in every other case too, so that nobody passes for `Ann` as `ann`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Username(String);

impl Username {
    /// Shortest name.
    pub const MIN_LENGTH: usize = 3;
    /// Longest name.
    pub const MAX_LENGTH: usize = 50;

    /// The name as its owner writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in lower case, by which it is compared, sorted and kept unique.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl Parse for Username {
    fn parse(text: &str) -> Result<Self, FieldError> {
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(FieldError::unplaced(
                "invalid_username",
                "must consist of letters a to z, digits and underscores",
            ));
        }
        match text.len() {
            0..Self::MIN_LENGTH => {
                Err(FieldError::unplaced("too_short", "must be at least 3 characters long"))
            }
            Self::MIN_LENGTH..=Self::MAX_LENGTH => Ok(Self(text.to_owned())),
            _ => Err(FieldError::unplaced("too_long", "must be at most 50 characters long")),
        }
    }
}

palisade_core::parsed! { Username, "ann_lee" }

#[cfg(feature = "http")]
palisade_core::text_schema! {
    Username as "Username", Username::MIN_LENGTH..=Username::MAX_LENGTH, "^[A-Za-z0-9_]+$",
    "A name of 3 to 50 ASCII letters, digits and underscores. It keeps the case it was given in, and is taken in every \
     other case too.",
    "ann_lee",
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn is_3_to_50_letters_digits_and_underscores() {
        for text in ["ann", "___", "123", "Ann_Lee", &"a".repeat(50)] {
            assert!(Username::parse(text).is_ok(), "{text}");
        }
        for text in
            ["", "an", "a b", "ann-lee", "ann.lee", "ann@lee", "änne", "ann\n", "ａｎｎ", &"a".repeat(51)]
        {
            assert!(Username::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn keeps_its_case_and_has_one_key_in_every_other() {
        let (lower, upper) = (Username::parse("ann").unwrap(), Username::parse("ANN").unwrap());
        assert_eq!(lower.key(), upper.key());
        assert_eq!(upper.as_str(), "ANN");
    }

    proptest! {
        #[test]
        fn a_taken_name_survives_its_text(text in "\\w{0,60}") {
            if let Ok(username) = Username::parse(&text) {
                prop_assert_eq!(username.as_str(), &text);
                prop_assert_eq!(Username::parse(&username.key()).unwrap().key(), username.key());
            }
        }

        #[test]
        fn no_name_is_an_address(text in ".*") {
            let address = format!("{text}@");
            prop_assert!(Username::parse(&address).is_err());
        }
    }
}
