//! Which users a list holds.

use palisade_core::{FieldError, Parse, Role};

use crate::{Status, User, user::folded};

/// Which users: those for whom every condition holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Their [`User::search_text`] contains this.
    pub text: Option<SearchText>,
    /// They have this role.
    pub role: Option<Role>,
    /// They have this status.
    pub status: Option<Status>,
}

impl Filter {
    /// Whether it lets the user through. It says what a store's query must mean.
    #[must_use]
    pub fn admits(&self, user: &User) -> bool {
        self.text.as_ref().is_none_or(|text| user.search_text().contains(text.as_str()))
            && self.role.as_ref().is_none_or(|role| user.roles.contains(role))
            && self.status.is_none_or(|status| user.status == status)
    }
}

/// A text to look for, at most 100 characters, folded so that case does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// Longest text, in code points.
    pub const MAX_LENGTH: usize = 100;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(feature = "http")]
palisade_core::text_schema! {
    SearchText as "SearchText", 0..=SearchText::MAX_LENGTH, r"^[^\x00-\x1F\x7F-\x9F]*$",
    "A text to look for, in whatever case.", "ann",
}

impl Parse for SearchText {
    fn parse(text: &str) -> Result<Self, FieldError> {
        if text.chars().any(char::is_control) {
            return Err(FieldError::unplaced("invalid_character", "must not contain control characters"));
        }
        if text.chars().count() > Self::MAX_LENGTH {
            return Err(FieldError::unplaced("too_long", "must be at most 100 characters long"));
        }
        Ok(Self(folded(text)))
    }
}

palisade_core::parsed! { SearchText, "ann" }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_text_is_short_and_on_one_line() {
        assert_eq!(SearchText::parse("ÅNG").unwrap().as_str(), "ång");
        assert!(SearchText::parse("").is_ok() && SearchText::parse(&"😀".repeat(100)).is_ok());
        assert!(SearchText::parse(&"😀".repeat(101)).is_err());
        assert!(SearchText::parse("a\nb").is_err());
    }
}
