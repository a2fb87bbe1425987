//! Users in memory, for tests and for one process that may forget.

use std::collections::BTreeMap;

use async_trait::async_trait;
use palisade_auth::PasswordHash;
use palisade_core::UserId;
use palisade_events::{MemoryTable, UnitOfWork};

use super::{Replacing, UserStore};
use crate::{Account, Direction, Error, Listing, Login, Position, Result, User};

/// Keeps users in this process until it ends.
#[derive(Debug, Default)]
pub struct MemoryUserStore(MemoryTable<Accounts>);

#[derive(Debug, Clone, Default)]
struct Accounts(BTreeMap<UserId, Account>);

impl Accounts {
    fn users(&self) -> impl Iterator<Item = &User> {
        self.0.values().map(|account| &account.user)
    }

    fn others(&self, id: UserId) -> impl Iterator<Item = &User> {
        self.users().filter(move |user| user.id != id)
    }

    fn check_names_free(&self, wanted: &User) -> Result<()> {
        if self.others(wanted.id).any(|user| user.email == wanted.email) {
            return Err(Error::EmailTaken);
        }
        if self.others(wanted.id).any(|user| user.username.key() == wanted.username.key()) {
            return Err(Error::UsernameTaken);
        }
        Ok(())
    }
}

#[async_trait]
impl UserStore for MemoryUserStore {
    async fn find(&self, id: UserId) -> Result<Option<Account>> {
        Ok(self.0.read().0.get(&id).cloned())
    }

    async fn find_by_login(&self, login: &Login) -> Result<Option<Account>> {
        let signs_in_so = |user: &User| match login {
            Login::Email(email) => user.email == *email,
            Login::Username(username) => user.username.key() == username.key(),
        };
        Ok(self.0.read().0.values().find(|account| signs_in_so(&account.user)).cloned())
    }

    async fn list(&self, listing: &Listing) -> Result<Vec<User>> {
        let place = |user: &User| Position::of(user, listing.sort.by);
        let mut users: Vec<User> =
            self.0.read().users().filter(|user| listing.filter.admits(user)).cloned().collect();
        users.sort_by_cached_key(place);
        if listing.sort.direction == Direction::Descending {
            users.reverse();
        }
        let is_after = |user: &User| match (&listing.after, listing.sort.direction) {
            (None, _) => true,
            (Some(after), Direction::Ascending) => place(user) > *after,
            (Some(after), Direction::Descending) => place(user) < *after,
        };
        Ok(users.into_iter().filter(is_after).take(listing.limit.get() + 1).collect())
    }

    async fn has_admin(&self) -> Result<bool> {
        Ok(self.0.read().users().any(User::is_active_admin))
    }

    async fn lock(&self, unit: &mut UnitOfWork, ids: &[UserId]) -> Result<Vec<User>> {
        let accounts = self.0.write(unit).await?;
        Ok(accounts.users().filter(|user| ids.contains(&user.id)).cloned().collect())
    }

    async fn has_other_admin(&self, unit: &mut UnitOfWork, than: Option<UserId>) -> Result<bool> {
        let accounts = self.0.write(unit).await?;
        Ok(accounts.users().any(|user| Some(user.id) != than && user.is_active_admin()))
    }

    async fn insert(&self, unit: &mut UnitOfWork, account: &Account) -> Result<()> {
        let accounts = self.0.write(unit).await?;
        accounts.check_names_free(&account.user)?;
        accounts.0.insert(account.user.id, account.clone());
        Ok(())
    }

    async fn update(&self, unit: &mut UnitOfWork, _: &User, after: &User) -> Result<()> {
        let accounts = self.0.write(unit).await?;
        accounts.check_names_free(after)?;
        let account = accounts.0.get_mut(&after.id).ok_or(Error::NotFound)?;
        account.user = after.clone();
        Ok(())
    }

    async fn set_password_hash(
        &self,
        unit: &mut UnitOfWork,
        id: UserId,
        replacing: Replacing<'_>,
        new: &PasswordHash,
    ) -> Result<bool> {
        let accounts = self.0.write(unit).await?;
        let Some(account) = accounts.0.get_mut(&id) else { return Ok(false) };
        let may = match replacing {
            Replacing::Any => true,
            Replacing::Only(old) => account.password_hash.as_ref() == Some(old),
        };
        if may {
            account.password_hash = Some(new.clone());
        }
        Ok(may)
    }

    async fn delete(&self, unit: &mut UnitOfWork, id: UserId) -> Result<()> {
        self.0.write(unit).await?.0.remove(&id).map(drop).ok_or(Error::NotFound)
    }
}
