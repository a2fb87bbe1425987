//! What sign-in asks of the users.

use std::sync::Arc;

use async_trait::async_trait;
use palisade_auth::{Identities, Identity, PasswordHash};
use palisade_core::{Parse, Result, UserId};
use palisade_events::UnitOfWork;

use crate::{Account, Error, Login, Replacing, Status, UserStore};

/// Answers [`palisade_auth`] out of a [`UserStore`]. It is apart from [`Users`](crate::Users), which itself
/// needs `palisade_auth` to end sessions.
#[derive(Clone)]
pub struct UserIdentities(Arc<dyn UserStore>);

impl UserIdentities {
    /// Answers out of `store`.
    #[must_use]
    pub fn new(store: Arc<dyn UserStore>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl Identities for UserIdentities {
    async fn find(&self, user_id: UserId) -> Result<Option<Identity>> {
        Ok(self.0.find(user_id).await?.map(identity))
    }

    async fn find_by_login(&self, login: &str) -> Result<Option<Identity>> {
        match Login::parse(login) {
            Ok(login) => Ok(self.0.find_by_login(&login).await?.map(identity)),
            Err(_) => Ok(None),
        }
    }

    async fn set_password_hash(
        &self,
        unit: &mut UnitOfWork,
        user_id: UserId,
        hash: PasswordHash,
    ) -> Result<()> {
        match self.0.set_password_hash(unit, user_id, Replacing::Any, &hash).await? {
            true => Ok(()),
            false => Err(Error::NotFound.into()),
        }
    }

    async fn replace_password_hash(
        &self,
        unit: &mut UnitOfWork,
        user_id: UserId,
        old: &PasswordHash,
        new: PasswordHash,
    ) -> Result<bool> {
        Ok(self.0.set_password_hash(unit, user_id, Replacing::Only(old), &new).await?)
    }
}

impl std::fmt::Debug for UserIdentities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserIdentities")
    }
}

fn identity(Account { user, password_hash }: Account) -> Identity {
    Identity {
        user_id: user.id,
        username: user.username.as_str().to_owned(),
        email: user.email.as_str().to_owned(),
        name: user.name.as_ref().map(|name| name.as_str().to_owned()),
        active: user.status == Status::Active,
        roles: user.roles,
        password_hash,
    }
}
