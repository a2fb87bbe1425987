//! Orders of a list.

use std::fmt;

use chrono::{DateTime, Utc};
use palisade_core::{FieldError, Parse};

use crate::User;

/// An order of users, written as in `sort=-created_at`. The default is by creation, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Which way.
    pub direction: Direction,
}

/// What users can be sorted by. Each has an index, so that a page costs the same wherever it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    /// When they were created.
    #[default]
    CreatedAt,
    /// Their e-mail address, by bytes.
    Email,
    /// Their username in lower case, by bytes.
    Username,
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// The value that a user's place in an order depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// A moment.
    Time(DateTime<Utc>),
    /// A text, compared by bytes.
    Text(String),
}

impl SortBy {
    /// The name in a query string.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::Email => "email",
            Self::Username => "username",
        }
    }

    /// A user's value in this order.
    #[must_use]
    pub fn key_of(self, user: &User) -> SortKey {
        match self {
            Self::CreatedAt => SortKey::Time(user.created_at),
            Self::Email => SortKey::Text(user.email.as_str().to_owned()),
            Self::Username => SortKey::Text(user.username.key()),
        }
    }
}

impl Parse for Sort {
    fn parse(text: &str) -> Result<Self, FieldError> {
        let (direction, name) = match text.strip_prefix('-') {
            Some(name) => (Direction::Descending, name),
            None => (Direction::Ascending, text),
        };
        let known = [SortBy::CreatedAt, SortBy::Email, SortBy::Username];
        match known.into_iter().find(|by| by.as_str() == name) {
            Some(by) => Ok(Self { by, direction }),
            None => Err(FieldError::unplaced(
                "invalid_sort",
                "must be created_at, email or username, with a minus before it to turn the order around",
            )),
        }
    }
}

palisade_core::parsed! { Sort, "created_at" }

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.direction == Direction::Descending { "-" } else { "" };
        write!(f, "{sign}{}", self.by.as_str())
    }
}

/// An order; a minus turns it around.
#[cfg(feature = "http")]
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it stands in the API document; Sort reads the request")]
pub(super) enum SortName {
    #[schema(rename = "created_at")]
    CreatedAt,
    #[schema(rename = "-created_at")]
    CreatedAtDescending,
    #[schema(rename = "email")]
    Email,
    #[schema(rename = "-email")]
    EmailDescending,
    #[schema(rename = "username")]
    Username,
    #[schema(rename = "-username")]
    UsernameDescending,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_exactly_the_orders_it_writes() {
        for text in ["created_at", "-created_at", "email", "-email", "username", "-username"] {
            assert_eq!(Sort::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "-", "name", "--email", "+email", "Email", "email,username", "password_hash"] {
            assert!(Sort::parse(text).is_err(), "{text}");
        }
    }
}
