//! Names of people.

use std::fmt;

use palisade_core::{FieldError, Parse};
use serde::Serialize;

/// What a person is called: 1 to 100 characters (Unicode code points) of any script, without characters that break a
/// line, turn the text around it or cannot be seen. Blanks before and behind it are cut off and do not count.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Longest name, in code points.
    pub const MAX_LENGTH: usize = 100;

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Parse for Name {
    fn parse(text: &str) -> Result<Self, FieldError> {
        let name = text.trim();
        if name.chars().any(|character| breaks_the_line(character) || is_invisible(character)) {
            return Err(FieldError::unplaced(
                "invalid_character",
                "must not contain control, text direction or invisible characters",
            ));
        }
        match name.chars().count() {
            0 => Err(FieldError::unplaced("too_short", "must not be empty")),
            1..=Self::MAX_LENGTH => Ok(Self(name.to_owned())),
            _ => Err(FieldError::unplaced("too_long", "must be at most 100 characters long")),
        }
    }
}

palisade_core::parsed! { Name, "Ann Lee" }

/// Control characters, line and paragraph separators, and the embeddings, overrides and isolates of the
/// bidirectional algorithm (UAX #9 §2), with which a name rearranges the line it is shown in.
fn breaks_the_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Marks and fillers that show as nothing, by which one name passes for another (UTS #39 §5.4 asks to refuse such
/// default-ignorable characters). The zero-width joiners stay: Persian and Indic names are spelt with them.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}' | '\u{200E}'
            | '\u{200F}' | '\u{2060}'..='\u{2065}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// What may stand at both ends, and is cut off.
#[cfg(feature = "http")]
macro_rules! blanks {
    () => {
        r"[\t-\r \x85\xA0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]*"
    };
}

/// What may stand first and last between them.
#[cfg(feature = "http")]
macro_rules! visible {
    () => {
        concat!(
            r"[^\x00- \x7F-\xA0\xAD\u034F\u061C\u115F\u1160\u1680\u180E\u2000-\u200B",
            r"\u200E\u200F\u2028-\u202F\u205F-\u2069\u3000\u3164\uFEFF\uFFA0]"
        )
    };
}

/// The tags from U+E0000 on, which are refused too, cannot be written in a pattern that all languages read.
#[cfg(feature = "http")]
const PATTERN: &str = concat!(
    "^",
    blanks!(),
    visible!(),
    r"([^\x00-\x1F\x7F-\x9F\xAD\u034F\u061C\u115F\u1160\u180E\u200B\u200E",
    r"\u200F\u2028-\u202E\u2060-\u2069\u3164\uFEFF\uFFA0]*",
    visible!(),
    ")?",
    blanks!(),
    "$",
);

#[cfg(feature = "http")]
palisade_core::text_schema! {
    Name as "PersonName", 1..=Name::MAX_LENGTH, PATTERN,
    "What a person is called: 1 to 100 characters of any script, without control, text direction or invisible characters. \
     Blanks before and behind it are cut off.",
    "Ann Lee",
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_names_of_every_script() {
        for text in ["Ann", "O'Hara", "李小龍", "محمد", "Nuñez de la Peña", "👩\u{200D}👧", &"😀".repeat(100)]
        {
            assert_eq!(Name::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn refuses_what_would_break_the_line_it_stands_in() {
        for text in [
            "",
            " \t ",
            "a\nb",
            "a\u{0}b",
            "a\u{1B}[31mb",
            "a\u{202E}b",
            "a\u{2067}b",
            "a\u{2028}b",
            "a\u{85}b",
        ] {
            assert!(Name::parse(text).is_err(), "{text:?}");
        }
        assert!(Name::parse(&"😀".repeat(101)).is_err());
    }

    proptest! {
        #[test]
        fn a_taken_name_is_trimmed_and_stays_as_it_is(text in "\\s{0,2}.{0,110}\\s{0,2}") {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(name.as_str(), text.trim());
                prop_assert!((1..=100).contains(&name.as_str().chars().count()));
                prop_assert_eq!(&Name::parse(name.as_str()).unwrap(), &name);
            }
        }
    }

    #[test]
    fn refuses_what_cannot_be_seen_and_keeps_what_scripts_need() {
        for text in ["\u{200B}", "Ann\u{FEFF}", "\u{3164}", "A\u{200F}nn", "Ann\u{E0041}", "\u{2062}Ann"] {
            assert!(Name::parse(text).is_err(), "{text:?}");
        }
        for text in ["می\u{200C}خواهم", "क्\u{200D}ष", "Jürgen 👩\u{200D}🚀"] {
            assert!(Name::parse(text).is_ok(), "{text:?}");
        }
    }
}
