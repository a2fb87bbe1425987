//! What a rule finds in a text.

use std::ops::Range;

/// Something to hide.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The bytes that are replaced.
    pub(super) range: Range<usize>,
    pub(super) by: Replacement,
}

/// What takes the place of something hidden.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Replacement {
    /// This text.
    Text(&'static str),
    /// That many of its first bytes, and `***`.
    First(usize),
    /// This text and the last four digits.
    Last(&'static str, [u8; 4]),
}

/// What a look at one place has found.
pub(super) enum Step {
    Found(Found),
    /// Nothing starts before this place.
    Skip(usize),
}
