//! Text in the one form by which letters are compared.

use caseless::Caseless as _;
use unicode_normalization::UnicodeNormalization as _;

/// The text without what tells capital from small letters, in full: `ẞ` and `ß` become `ss`, every sigma the same one
/// (Unicode Standard, section 3.13, "canonical caseless matching"). A letter is one code point where it can be,
/// however it was typed.
pub(crate) fn folded(text: &str) -> String {
    text.nfd().default_case_fold().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_differ_in_case_or_composition_are_alike() {
        for (one, other) in [
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("Ångström", "Ångström"),
            ("ﬁnd", "FIND"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_eq!(folded("ÅNG"), "ång");
        assert_ne!(folded("Jose"), folded("José"), "an accent is no matter of case");
    }

    #[test]
    fn a_part_is_found_in_the_whole() {
        assert!(folded("ΟΔΥΣΣΕΥΣ").contains(&folded("ΟΔΥΣ")));
        assert!(folded("Lange Straße").contains(&folded("strasse")));
    }
}
