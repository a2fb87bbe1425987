//! What is wrong with one field of a request.

use std::borrow::Cow;

use serde::Serialize;

/// One broken rule. It never holds the value that broke it, which may be a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Where: a JSON Pointer (RFC 6901) into the body, or into the query or path parameters.
    #[cfg_attr(feature = "openapi", schema(example = "/email"))]
    pub field: String,
    /// Which rule, machine-readable.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "invalid_email"))]
    pub code: Cow<'static, str>,
    /// The rule in words.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "must be an e-mail address"))]
    pub message: Cow<'static, str>,
}

impl FieldError {
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

    /// The same, one level further out: below the member `name`.
    #[must_use]
    pub fn at(mut self, name: &str) -> Self {
        // RFC 6901 §3: "~" and "/" are escaped within a reference token.
        self.field = format!("/{}{}", name.replace('~', "~0").replace('/', "~1"), self.field);
        self
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
}
