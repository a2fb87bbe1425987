//! Versions of the API, side by side.

use std::fmt;

/// A version of the API: `v1`, `v2` …
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion(u16);

impl ApiVersion {
    /// The version under `app.api_prefix`.
    pub const FIRST: Self = Self(1);

    /// The version of this number; 0 is taken for 1.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(if number == 0 { 1 } else { number })
    }

    /// Where the routes of this version stand. `first` is the prefix of the first version: `/api/v1` makes `/api/v2`; one
    /// that does not end with its version gets it as another segment.
    #[must_use]
    pub fn prefix(self, first: &str) -> String {
        if self == Self::FIRST {
            return first.to_owned();
        }
        let before = first.strip_suffix("/v1").unwrap_or(first);
        format!("{before}/{self}")
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_stand_side_by_side() {
        let second = ApiVersion::new(2);
        assert_eq!(ApiVersion::FIRST.prefix("/api/v1"), "/api/v1");
        assert_eq!(second.prefix("/api/v1"), "/api/v2");
        assert_eq!(second.prefix("/api"), "/api/v2");
        assert_eq!(second.prefix("/v1"), "/v2");
    }
}
