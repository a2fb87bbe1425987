//! A domain's name for what happened.

use super::ErrorKind;

/// One of the dotted reasons a crate raises, for `docs/errors.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The dotted name, such as `users.email_taken`.
    pub name: &'static str,
    /// The row of the catalogue it comes with.
    pub kind: ErrorKind,
    /// What happened, for the reader of the documents.
    pub meaning: &'static str,
}

impl Reason {
    /// A reason with its row and its meaning.
    #[must_use]
    pub const fn new(name: &'static str, kind: ErrorKind, meaning: &'static str) -> Self {
        Self { name, kind, meaning }
    }
}
