//! Which values a setting takes.

mod read;

use std::fmt;

pub(super) use read::Shape;

/// The values a setting takes, as far as its JSON Schema says; the struct itself has the last word.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ValueKind {
    /// Text with a length in characters.
    Text {
        /// The fewest characters.
        shortest: usize,
        /// The most characters.
        longest: usize,
    },
    /// A whole number between two limits, both allowed.
    Integer {
        /// The lowest value.
        lowest: i128,
        /// The highest value.
        highest: i128,
    },
    /// A number between two limits, both allowed.
    Number {
        /// The lowest value.
        lowest: f64,
        /// The highest value.
        highest: f64,
    },
    /// True or false.
    Boolean,
    /// One of these words, in any case.
    Choice(Vec<String>),
    /// Several values of one kind.
    List(Box<ValueKind>),
    /// Named values of one kind.
    Map(Box<ValueKind>),
    /// A value of one of these kinds.
    OneOf(Vec<ValueKind>),
    /// A value whose shape the schema leaves open, such as a nested struct.
    Any,
}

impl ValueKind {
    /// Whether an empty text is a value of this kind. For every other kind it means that nothing was set.
    pub(crate) fn has_empty(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// The rule as the words of a problem: "must be a whole number from 0 to 65535".
    pub(crate) fn rule(&self) -> String {
        match self {
            Self::Integer { .. } | Self::Number { .. } | Self::List(_) | Self::Map(_) | Self::Any => {
                format!("must be a {self}")
            }
            _ => format!("must be {self}"),
        }
    }
}

/// The kind in words, as it stands in the documents.
impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { shortest: 0, longest: usize::MAX } => f.write_str("text"),
            Self::Text { shortest, longest: usize::MAX } => {
                write!(f, "text of {shortest} characters or more")
            }
            Self::Text { shortest: 0, longest } => write!(f, "text of at most {longest} characters"),
            Self::Text { shortest, longest } => write!(f, "text of {shortest} to {longest} characters"),
            Self::Integer { lowest, highest } => integer_words(f, *lowest, *highest),
            Self::Number { lowest, highest } => number_words(f, *lowest, *highest),
            Self::Boolean => f.write_str("true or false"),
            Self::Choice(words) => {
                let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
                f.write_str(&either(&words))
            }
            Self::List(item) => write!(f, "list of {item}"),
            Self::Map(value) => write!(f, "map of names to {value}"),
            Self::OneOf(kinds) => {
                let kinds: Vec<_> = kinds.iter().map(ToString::to_string).collect();
                f.write_str(&either(&kinds))
            }
            Self::Any => f.write_str("value"),
        }
    }
}

fn either(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// Limits that only the machine sets would teach a reader nothing.
fn integer_words(f: &mut fmt::Formatter<'_>, lowest: i128, highest: i128) -> fmt::Result {
    let low = lowest > i32::MIN.into();
    let high = highest < u32::MAX.into();
    match (low, high) {
        (true, true) => write!(f, "whole number from {lowest} to {highest}"),
        (true, false) => write!(f, "whole number, {lowest} or more"),
        (false, true) => write!(f, "whole number, {highest} or less"),
        (false, false) => f.write_str("whole number"),
    }
}

fn number_words(f: &mut fmt::Formatter<'_>, lowest: f64, highest: f64) -> fmt::Result {
    match (lowest.is_finite(), highest.is_finite()) {
        (true, true) => write!(f, "number from {lowest} to {highest}"),
        (true, false) => write!(f, "number, {lowest} or more"),
        (false, true) => write!(f, "number, {highest} or less"),
        (false, false) => f.write_str("number"),
    }
}
