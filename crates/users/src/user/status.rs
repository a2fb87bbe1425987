//! Whether a user may sign in.

use std::fmt;

use palisade_core::{FieldError, Parse};
use serde::Serialize;

/// Whether a user may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema), schema(as = UserStatus))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The user may sign in.
    Active,
    /// The user may not, and every session has ended.
    Disabled,
}

impl Status {
    /// The name of the status.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

impl Parse for Status {
    fn parse(text: &str) -> Result<Self, FieldError> {
        match text {
            "active" => Ok(Self::Active),
            "disabled" => Ok(Self::Disabled),
            _ => Err(FieldError::unplaced("invalid_status", "must be active or disabled")),
        }
    }
}

palisade_core::parsed! { Status, "active" }

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_exactly_the_names_it_writes() {
        for status in [Status::Active, Status::Disabled] {
            assert_eq!(Status::parse(status.as_str()).unwrap(), status);
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert!(Status::parse("Active").is_err());
    }
}
