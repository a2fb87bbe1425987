//! Types that read themselves from text.

use crate::FieldError;

/// A value that reads itself from outside text. Inside the program it is then known to be right.
pub trait Parse: Sized {
    /// Which JSON type holds such a value in a request body.
    const SHAPE: Shape = Shape::String;

    /// Reads the text.
    ///
    /// # Errors
    /// The rule that the text breaks; never with the text itself.
    fn parse(text: &str) -> Result<Self, FieldError>;
}

/// The JSON type that holds a parsed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
}

#[cfg(feature = "validator")]
impl Shape {
    /// What is said of another type.
    pub(super) fn wrong(self) -> &'static str {
        match self {
            Self::String => "must be a string",
            Self::Integer => "must be a whole number",
            Self::Boolean => "must be true or false",
        }
    }
}

/// A number as it is written in an address or a form: digits alone. Rust takes a sign before them too, and in an address
/// a plus sign stands for a blank.
pub(crate) fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}
