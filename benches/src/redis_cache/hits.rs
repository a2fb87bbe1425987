//! Reads of users that are cached.

use palisade_cache::Typed;
use palisade_core::UserId;

use crate::{
    Problem,
    in_flight::Call,
    place::USERS,
    user::{User, id},
};

/// The user: a key that is made, a seal that is checked, JSON that is read.
pub(crate) struct TypedGet {
    users: Typed<User>,
    ids: Vec<UserId>,
}

impl TypedGet {
    pub(crate) fn new(users: Typed<User>) -> Self {
        Self { users, ids: (0..USERS).map(id).collect() }
    }
}

impl Call for TypedGet {
    fn keys(&self) -> usize {
        self.ids.len()
    }

    async fn call(&self, key: usize) -> Result<(), Problem> {
        let id = self.ids.get(key).ok_or("no key")?;
        self.users.get(id).await?.map(drop).ok_or_else(|| "a user is not there".into())
    }
}
