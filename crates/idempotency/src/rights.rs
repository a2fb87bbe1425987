//! What it took to get an answer.

use std::collections::BTreeSet;

use palisade_core::Principal;

/// The permissions of whoever got an answer. It is given again only to somebody who still has them all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights(BTreeSet<String>);

impl Rights {
    /// What a caller may do.
    #[must_use]
    pub fn of(caller: &Principal) -> Self {
        Self(BTreeSet::clone(&caller.permissions))
    }

    /// The permissions that [`Rights::to_text`] wrote.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.lines().map(str::to_owned).collect())
    }

    /// One permission per line.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.0.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Whether a caller has them all. Where there are none, everybody has.
    #[must_use]
    pub fn are_had_by(&self, caller: Option<&Principal>) -> bool {
        self.0.iter().all(|permission| caller.is_some_and(|caller| caller.may(permission)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use palisade_core::{Ids, Subject, SystemClock, SystemRandom};

    use super::*;

    fn caller(permissions: &[&str]) -> Principal {
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemRandom));
        let permissions = permissions.iter().map(|permission| (*permission).to_owned()).collect();
        Principal {
            subject: Subject::User(ids.id()),
            session_id: Some(ids.id()),
            roles: Arc::default(),
            permissions: Arc::new(permissions),
        }
    }

    #[test]
    fn whoever_has_them_all_or_more_has_them() {
        let clerk = Rights::of(&caller(&["users:read", "tasks:*"]));
        for (permissions, has) in [
            (&["users:read", "tasks:*"][..], true),
            (&["*"], true),
            (&["tasks:*", "users:*"], true),
            (&["users:read", "tasks:write"], false),
            (&["tasks:*"], false),
            (&[], false),
        ] {
            assert_eq!(clerk.are_had_by(Some(&caller(permissions))), has, "{permissions:?}");
        }
        assert!(!clerk.are_had_by(None));
        assert!(Rights::default().are_had_by(None) && Rights::default().are_had_by(Some(&caller(&[]))));
        assert!(!Rights::of(&caller(&["*"])).are_had_by(Some(&caller(&["users:*"]))));
    }

    #[test]
    fn the_text_gives_them_back() {
        for permissions in [&[][..], &["*"], &["users:read", "tasks:*"]] {
            let rights = Rights::of(&caller(permissions));
            assert_eq!(Rights::from_text(&rights.to_text()), rights);
        }
    }
}
