//! What happens to users, for those who hear of it. Persons are in it by their ids alone.

use palisade_core::{Principal, Role, UserId};
use palisade_events::Event;
use serde::{Deserialize, Serialize};

use crate::{Status, User};

/// An account came into being.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserCreated {
    /// Whose.
    pub user_id: UserId,
    /// How.
    pub origin: Origin,
    /// Who did it: the subject of a caller, the user itself, or `operator`.
    pub by: String,
}

/// How an account came into being.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Somebody signed up.
    SignUp,
    /// It is the first administrator's.
    FirstAdmin,
    /// A caller who may has added it.
    Added,
    /// The operator has added it, from the command line.
    Operator,
}

/// An account has changed. Of personal data it tells only which fields have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserUpdated {
    /// Whose.
    pub user_id: UserId,
    /// Who did it: the subject of a caller.
    pub by: String,
    /// The fields that have changed.
    pub fields: Vec<String>,
    /// The roles before and after, where they have changed.
    pub roles: Option<Change<Vec<Role>>>,
    /// The status before and after, where it has changed.
    pub status: Option<Change<Status>>,
}

/// What something was and is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<T> {
    /// What it was.
    pub before: T,
    /// What it is.
    pub after: T,
}

/// An account that was active may no longer sign in. `user.updated` comes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDisabled {
    /// Whose.
    pub user_id: UserId,
    /// Who did it: the subject of a caller.
    pub by: String,
}

/// An account is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDeleted {
    /// Whose.
    pub user_id: UserId,
    /// Who did it: the subject of a caller.
    pub by: String,
}

impl Event for UserCreated {
    const NAME: &'static str = "user.created";
}

impl Event for UserUpdated {
    const NAME: &'static str = "user.updated";
}

impl Event for UserDisabled {
    const NAME: &'static str = "user.disabled";
}

impl Event for UserDeleted {
    const NAME: &'static str = "user.deleted";
}

impl UserUpdated {
    pub(crate) fn new(caller: &Principal, before: &User, after: &User) -> Self {
        let fields = [
            ("email", before.email != after.email),
            ("username", before.username != after.username),
            ("name", before.name != after.name),
            ("roles", before.roles != after.roles),
            ("status", before.status != after.status),
        ];
        let changed = fields.into_iter().filter(|(_, is_new)| *is_new);
        let roles = |user: &User| user.roles.iter().cloned().collect::<Vec<_>>();
        Self {
            user_id: after.id,
            by: caller.subject.to_string(),
            fields: changed.map(|(field, _)| field.to_owned()).collect(),
            roles: Change::between(roles(before), roles(after)),
            status: Change::between(before.status, after.status),
        }
    }
}

impl<T: PartialEq> Change<T> {
    fn between(before: T, after: T) -> Option<Self> {
        (before != after).then_some(Self { before, after })
    }
}
