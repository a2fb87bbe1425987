//! What roles permit.

use std::collections::{BTreeMap, BTreeSet};

use palisade_core::Role;

/// Which permissions each role has. A role that is not listed has none.
#[derive(Debug, Clone)]
pub struct Permissions(BTreeMap<String, BTreeSet<String>>);

impl Default for Permissions {
    /// `admin` may do everything; nobody else may do anything that asks for a permission.
    fn default() -> Self {
        Self::none().grant("admin", ["*"])
    }
}

impl Permissions {
    /// Nobody may do anything that asks for a permission.
    #[must_use]
    pub fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// The same, and those who have `role` may also do what `permissions` name: `users:read`, `tasks:*`.
    #[must_use]
    pub fn grant<'a>(mut self, role: &str, permissions: impl IntoIterator<Item = &'a str>) -> Self {
        let granted = self.0.entry(role.to_owned()).or_default();
        granted.extend(permissions.into_iter().map(str::to_owned));
        self
    }

    /// What someone with these roles may do.
    #[must_use]
    pub fn of(&self, roles: &BTreeSet<Role>) -> BTreeSet<String> {
        roles.iter().filter_map(|role| self.0.get(role.as_str())).flatten().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use palisade_core::Parse;

    use super::*;

    #[test]
    fn admins_may_everything_users_and_strangers_nothing() {
        let permissions = Permissions::default();
        assert_eq!(permissions.of(&[Role::admin()].into()), ["*".to_owned()].into());
        assert!(permissions.of(&[Role::user(), Role::parse("auditor").unwrap()].into()).is_empty());
    }

    #[test]
    fn roles_add_up() {
        let permissions = Permissions::default().grant("user", ["tasks:read"]).grant("ops", ["tasks:*"]);
        let both = permissions.of(&[Role::user(), Role::parse("ops").unwrap()].into());
        assert_eq!(both, ["tasks:*".to_owned(), "tasks:read".to_owned()].into());
    }
}
