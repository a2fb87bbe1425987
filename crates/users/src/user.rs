//! What a user is. Every value here was parsed at the border, so the rest of the crate need not check it.

mod email;
mod folded;
mod login;
mod name;
mod status;
mod username;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use palisade_auth::PasswordHash;
use palisade_core::{Role, UserId};
use serde::Serialize;

pub use email::Email;
pub(crate) use folded::folded;
pub use login::Login;
pub use name::Name;
pub use status::Status;
pub use username::Username;

/// A user, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct User {
    /// Given once, never changed.
    pub id: UserId,
    /// Where mail reaches the user; no two users share one.
    pub email: Email,
    /// What others call the user; no two users share one, in whatever case.
    pub username: Username,
    /// What the user is called in full; null when it was never said.
    #[cfg_attr(feature = "http", schema(required))]
    pub name: Option<Name>,
    /// What the user may do, by name.
    #[cfg_attr(feature = "http", schema(max_items = 16))]
    pub roles: BTreeSet<Role>,
    /// Whether the user may sign in.
    pub status: Status,
    /// When it was created, UTC, to the microsecond.
    pub created_at: DateTime<Utc>,
    /// When one of the fields above last changed, UTC, to the microsecond.
    pub updated_at: DateTime<Utc>,
    /// Counts the changes. Clients see it only as part of the `ETag`.
    #[serde(skip)]
    pub version: Version,
}

impl User {
    /// Whether the user manages everything and can sign in to do so.
    #[must_use]
    pub fn is_active_admin(&self) -> bool {
        self.status == Status::Active && self.is_admin()
    }

    /// Whether the user has the role that manages everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.roles.contains(&Role::admin())
    }

    /// What a search looks through: e-mail, username and name, folded so that case does not count, one per line. It is
    /// made here and stored, because the three databases fold the case of letters beyond ASCII in three ways.
    #[must_use]
    pub fn search_text(&self) -> String {
        let name = self.name.as_ref().map_or("", Name::as_str);
        format!("{}\n{}\n{}", self.email, self.username.key(), folded(name))
    }
}

/// A user together with what only sign-in may read. It is apart from [`User`] so that no answer, page or log
/// line that holds users can hold a password hash.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user.
    pub user: User,
    /// None until a password is set; such a user cannot sign in with one.
    pub password_hash: Option<PasswordHash>,
}

/// How often a user has been written: 1 when new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(i64);

impl Version {
    /// The version of a new user.
    pub const FIRST: Self = Self(1);

    /// The version that a store keeps under this number.
    #[must_use]
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The number to store.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use palisade_core::Parse;
    use serde_json::json;

    use super::*;

    fn ann() -> User {
        User {
            id: UserId::parse("0198c5a8-b1c7-7d3e-8a4f-0123456789ab").unwrap(),
            email: Email::parse("ann@example.com").unwrap(),
            username: Username::parse("Ann_1").unwrap(),
            name: None,
            roles: [Role::user()].into(),
            status: Status::Active,
            created_at: Utc.with_ymd_and_hms(2026, 11, 20, 8, 30, 0).unwrap(),
            updated_at: Utc.with_ymd_and_hms(2026, 11, 20, 8, 30, 0).unwrap(),
            version: Version::FIRST,
        }
    }

    #[test]
    fn shows_exactly_what_the_contract_says() {
        let wanted = json!({
            "id": "0198c5a8-b1c7-7d3e-8a4f-0123456789ab",
            "email": "ann@example.com",
            "username": "Ann_1",
            "name": null,
            "roles": ["user"],
            "status": "active",
            "created_at": "2026-11-20T08:30:00Z",
            "updated_at": "2026-11-20T08:30:00Z",
        });
        assert_eq!(serde_json::to_value(ann()).unwrap(), wanted);
    }

    #[test]
    fn only_an_active_admin_counts_as_one() {
        let mut user = ann();
        assert!(!user.is_active_admin());
        user.roles.insert(Role::admin());
        assert!(user.is_active_admin());
        user.status = Status::Disabled;
        assert!(user.is_admin() && !user.is_active_admin());
    }

    #[test]
    fn searches_look_through_every_name_in_lower_case() {
        let user = User { name: Some(Name::parse("Ann ÅNGSTRÖM").unwrap()), ..ann() };
        assert_eq!(user.search_text(), "ann@example.com\nann_1\nann ångström");
    }
}
