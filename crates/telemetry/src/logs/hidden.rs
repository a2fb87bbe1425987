//! Masks a value on its way into a line.

use std::fmt::{self, Write};

use super::value::{MAX_TEXT, Value};
use crate::mask::{HIDDEN, MARGIN, Masker};

/// Masks values. What is not a text yet is written into a scratch first, since what is to be hidden may come in
/// pieces.
pub(crate) struct Hider<'a> {
    masker: &'a Masker,
    shown: &'a mut String,
}

impl<'a> Hider<'a> {
    pub(crate) fn new(masker: &'a Masker, shown: &'a mut String) -> Self {
        Self { masker, shown }
    }

    /// Hands on the value of the field `name` as it may be seen. Of a sensitive one even a number is hidden, but not
    /// whether something is so.
    pub(crate) fn with(&mut self, name: &str, value: Value<'_>, then: impl FnOnce(Value<'_>)) {
        match value {
            Value::Bool(_) => then(value),
            _ if self.masker.is_sensitive(name) => then(Value::Str(HIDDEN)),
            Value::Signed(_) | Value::Unsigned(_) | Value::Float(_) => then(value),
            Value::Str(text) => then(Value::Str(&self.masker.text_within(text, MAX_TEXT))),
            Value::Text(text) => {
                self.shown.clear();
                let _ = write!(Bounded(self.shown), "{text}");
                then(Value::Str(&self.masker.text_within(self.shown, MAX_TEXT)));
            }
        }
    }
}

/// Takes as much of a text as masking looks at, and a little more so that it sees that there was more.
struct Bounded<'a>(&'a mut String);

impl Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let left = (MAX_TEXT + MARGIN + 1).saturating_sub(self.0.len());
        let kept = text.get(..text.ceil_char_boundary(left)).unwrap_or(text);
        self.0.push_str(kept);
        if kept.len() < text.len() { Err(fmt::Error) } else { Ok(()) }
    }
}
