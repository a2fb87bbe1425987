//! Users in memory, for tests and for one process that may forget.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use palisade_auth::PasswordHash;
use palisade_core::UserId;

use super::{Admit, Decide, Replacing, Updated, UserStore};
use crate::{Account, Direction, Error, Listing, Login, Position, Result, User};

/// Keeps users in this process until it ends.
#[derive(Debug, Default)]
pub struct MemoryUserStore(Mutex<Accounts>);

/// Every method holds the lock from its first look to its last write, which makes it atomic.
#[derive(Debug, Default)]
struct Accounts(BTreeMap<UserId, Account>);

impl MemoryUserStore {
    fn lock(&self) -> MutexGuard<'_, Accounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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

    fn user(&self, id: UserId) -> Option<&User> {
        self.0.get(&id).map(|account| &account.user)
    }

    fn check_other_admin(&self, id: UserId) -> Result<()> {
        if self.others(id).any(User::is_active_admin) { Ok(()) } else { Err(Error::LastAdmin) }
    }

    fn insert(&mut self, account: &Account) -> Result<()> {
        self.check_names_free(&account.user)?;
        self.0.insert(account.user.id, account.clone());
        Ok(())
    }
}

#[async_trait]
impl UserStore for MemoryUserStore {
    async fn find(&self, id: UserId) -> Result<Option<Account>> {
        Ok(self.lock().0.get(&id).cloned())
    }

    async fn find_by_login(&self, login: &Login) -> Result<Option<Account>> {
        let signs_in_so = |user: &User| match login {
            Login::Email(email) => user.email == *email,
            Login::Username(username) => user.username.key() == username.key(),
        };
        Ok(self.lock().0.values().find(|account| signs_in_so(&account.user)).cloned())
    }

    async fn list(&self, listing: &Listing) -> Result<Vec<User>> {
        let place = |user: &User| Position::of(user, listing.sort.by);
        let mut users: Vec<User> =
            self.lock().users().filter(|user| listing.filter.admits(user)).cloned().collect();
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
        Ok(self.lock().users().any(User::is_active_admin))
    }

    async fn insert(&self, account: &Account) -> Result<()> {
        self.lock().insert(account)
    }

    async fn insert_first_admin(&self, account: &Account) -> Result<()> {
        let mut accounts = self.lock();
        if accounts.users().any(User::is_active_admin) {
            return Err(Error::AdminExists);
        }
        accounts.insert(account)
    }

    async fn insert_by(&self, by: UserId, account: &Account, decide: Admit<'_>) -> Result<()> {
        let mut accounts = self.lock();
        decide(accounts.user(by))?;
        accounts.insert(account)
    }

    async fn update(&self, by: UserId, id: UserId, decide: Decide<'_, User>) -> Result<Updated> {
        let mut accounts = self.lock();
        let before = accounts.user(id).ok_or(Error::NotFound)?.clone();
        let after = decide(accounts.user(by), &before)?;
        accounts.check_names_free(&after)?;
        if before.is_active_admin() && !after.is_active_admin() {
            accounts.check_other_admin(id)?;
        }
        if let Some(account) = accounts.0.get_mut(&id) {
            account.user = after.clone();
        }
        Ok(Updated { before, after })
    }

    async fn set_password_hash(
        &self,
        id: UserId,
        replacing: Replacing<'_>,
        new: &PasswordHash,
    ) -> Result<bool> {
        let mut accounts = self.lock();
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

    async fn delete(&self, by: UserId, id: UserId, decide: Decide<'_, ()>) -> Result<()> {
        let mut accounts = self.lock();
        let user = accounts.user(id).ok_or(Error::NotFound)?;
        decide(accounts.user(by), user)?;
        if user.is_active_admin() {
            accounts.check_other_admin(id)?;
        }
        accounts.0.remove(&id);
        Ok(())
    }
}
