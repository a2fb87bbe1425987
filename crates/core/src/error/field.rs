//! What is wrong with one field of a request.

use std::{borrow::Cow, fmt};

use serde::Serialize;

/// One broken rule. It never holds the value that broke it, which may be a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Where: a JSON Pointer (RFC 6901) into the body, or into the query or path parameters.
    #[cfg_attr(
        feature = "openapi",
        schema(pattern = r"^(/[\s\S]*)?$", max_length = 257, example = "/email")
    )]
    pub field: String,
    /// Which rule, machine-readable.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[a-z][a-z0-9_]*$", max_length = 64, example = "invalid_email"))]
    pub code: Cow<'static, str>,
    /// The rule in words.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = r"\S", max_length = 1025, example = "must be an e-mail address"))]
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// The most broken rules that are told of one request: what a client sends must not come back, nor fill the
    /// memory, many times larger.
    pub const MOST: usize = 100;

    /// The most bytes of a member's name that are told, for the same reason: a name can be as long as the request,
    /// and stands in the pointer of everything below it.
    const MAX_NAME: usize = 256;

    /// A broken rule whose field the caller will name with [`FieldError::at`].
    pub fn unplaced(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field: String::new(), code: code.into(), message: message.into() }
    }

    /// A broken rule at the member `name` of the request's top level.
    pub fn new(
        name: &str,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::unplaced(code, message).at(name)
    }

    /// The same, one level further out: below the member `name`, of which a long one is cut short.
    #[must_use]
    pub fn at(mut self, name: &str) -> Self {
        let shown = name.get(..name.floor_char_boundary(Self::MAX_NAME)).unwrap_or_default();
        // RFC 6901 §3: "~" and "/" are escaped within a reference token.
        let token = shown.replace('~', "~0").replace('/', "~1");
        let rest = if shown.len() < name.len() { "…" } else { "" };
        self.field = format!("/{token}{rest}{}", self.field);
        self
    }
}

/// The message. The alternate form (`{:#}`) holds field and code, too: so a type can refuse a value by
/// [`serde::de::Error::custom`] of a `FieldError`, and whoever reads a request tells the client all of it.
impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, code, message } = self;
        if f.alternate() { write!(f, "\0{field}\0{code}\0{message}") } else { f.write_str(message) }
    }
}

#[cfg(feature = "validator")]
impl FieldError {
    /// The errors whose alternate forms make up the text; none when it is another text. No value that is read holds NUL,
    /// so that no client can write such a text.
    pub(crate) fn read_alternate(text: &str) -> Vec<Self> {
        let mut parts = text.split('\0');
        if parts.next() != Some("") {
            return Vec::new();
        }
        let next = || {
            let (field, code, message) = (parts.next()?, parts.next()?, parts.next()?);
            Some(Self { field: field.to_owned(), ..Self::unplaced(code.to_owned(), message.to_owned()) })
        };
        std::iter::from_fn(next).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_grow_outwards_and_escape() {
        let error = FieldError::new("a/b", "x", "y").at("~list");
        assert_eq!(error.field, "/~0list/a~1b");
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let error = FieldError::new("a", "x", "y").at(&format!("x{}", "é".repeat(1_000)));
        assert_eq!(error.field, format!("/x{}…/a", "é".repeat(127)));
        let longest = "n".repeat(FieldError::MAX_NAME);
        assert_eq!(FieldError::new(&longest, "x", "y").field, format!("/{longest}"));
    }
}
