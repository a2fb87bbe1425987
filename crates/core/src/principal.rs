//! Who is calling.

use std::{collections::BTreeSet, fmt, sync::Arc};

use serde::Serialize;

use crate::{Error, FieldError, Parse, SessionId, UserId};

/// The caller of a request, once its credentials have been verified. Clones share what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who it is.
    pub subject: Subject,
    /// The session whose token was shown, where there are sessions.
    pub session_id: Option<SessionId>,
    /// The roles as they are now, not as they were when the token was made.
    pub roles: Arc<BTreeSet<Role>>,
    /// What the roles permit; `*` permits everything, `tasks:*` everything about tasks.
    pub permissions: Arc<BTreeSet<String>>,
}

/// Who somebody is, as the one who verified the credentials names them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An account of this service.
    User(UserId),
    /// Somebody whom another identity provider names, such as the `sub` of its tokens.
    External(Arc<str>),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::External(name) => f.write_str(name),
        }
    }
}

impl Principal {
    /// Somebody whom another identity provider names, with these permissions and without a session.
    #[must_use]
    pub fn external(subject: impl Into<Arc<str>>, permissions: impl IntoIterator<Item = String>) -> Self {
        Self {
            subject: Subject::External(subject.into()),
            session_id: None,
            roles: Arc::default(),
            permissions: Arc::new(permissions.into_iter().collect()),
        }
    }

    /// The caller's account.
    ///
    /// # Errors
    /// 403 for a caller of another identity provider, who has none here.
    pub fn user_id(&self) -> Result<UserId, Error> {
        match self.subject {
            Subject::User(id) => Ok(id),
            Subject::External(_) => {
                Err(Error::forbidden("This is for callers with an account of this service"))
            }
        }
    }

    /// The session whose token was shown.
    ///
    /// # Errors
    /// 403 for a caller without one.
    pub fn session_id(&self) -> Result<SessionId, Error> {
        self.session_id.ok_or_else(|| Error::forbidden("This is for callers with a session"))
    }

    /// Whether the caller is the user with this id.
    #[must_use]
    pub fn is_user(&self, id: UserId) -> bool {
        self.subject == Subject::User(id)
    }

    /// Whether the caller has the role.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|present| present.as_str() == role)
    }

    /// Whether the caller may do what `permission` names, such as `users:read`.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|granted| match granted.strip_suffix('*') {
            Some(prefix) => permission.starts_with(prefix),
            None => granted == permission,
        })
    }
}

/// The name of a role: 1 to 50 lower-case letters, digits, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Role(String);

impl Role {
    /// Longest name, in bytes.
    pub const MAX_LENGTH: usize = 50;

    /// Manages everything.
    #[must_use]
    pub fn admin() -> Self {
        Self("admin".to_owned())
    }

    /// Everyone who signed up.
    #[must_use]
    pub fn user() -> Self {
        Self("user".to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Parse for Role {
    fn parse(text: &str) -> Result<Self, FieldError> {
        let safe = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        if text.is_empty() || text.len() > Self::MAX_LENGTH || !text.bytes().all(safe) {
            return Err(FieldError::unplaced(
                "invalid_role",
                "must be 1 to 50 lower-case letters, digits, _ or -",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

crate::parsed! { Role, "user" }

#[cfg(feature = "openapi")]
crate::text_schema! {
    Role as "Role", 1..=Role::MAX_LENGTH, "^[a-z0-9_-]+$",
    "The name of a role: 1 to 50 lower-case letters, digits, `_` and `-`.", "user",
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::{Ids, SystemClock, SystemRandom};

    #[test]
    fn permissions_match_exactly_or_by_their_star() {
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemRandom));
        let may = |granted: &str, wanted: &str| {
            let principal = Principal {
                subject: Subject::User(ids.id()),
                session_id: Some(ids.id()),
                roles: Arc::default(),
                permissions: Arc::new([granted.to_owned()].into()),
            };
            principal.may(wanted)
        };
        assert!(may("*", "users:read") && may("users:*", "users:read") && may("users:read", "users:read"));
        assert!(!may("users:read", "users:write") && !may("tasks:*", "users:read"));
    }
}
