//! Where users are kept.

mod memory;
#[cfg(feature = "sql")]
mod sql;

use async_trait::async_trait;
use palisade_auth::PasswordHash;
use palisade_core::UserId;

use crate::{Account, Listing, Login, Result, User};

pub use memory::MemoryUserStore;
#[cfg(feature = "sql")]
pub use sql::{MIGRATIONS, SqlUserStore};

/// Where users are kept.
///
/// Each method is atomic: what it promises holds against any number of other calls at the same time, in this
/// process and in others. A store passes [`conformance`](crate::conformance) on each backend. Beside the
/// errors named at each method, each fails with [`Error::Other`](crate::Error::Other) when the store cannot
/// be reached.
#[async_trait]
pub trait UserStore: Send + Sync + 'static {
    /// The account of that id.
    ///
    /// # Errors
    /// Only when the store fails.
    async fn find(&self, id: UserId) -> Result<Option<Account>>;

    /// The account that signs in so.
    ///
    /// # Errors
    /// Only when the store fails.
    async fn find_by_login(&self, login: &Login) -> Result<Option<Account>>;

    /// The users that the listing asks for, in its order, one more than its limit if there are so many.
    ///
    /// # Errors
    /// Only when the store fails.
    async fn list(&self, listing: &Listing) -> Result<Vec<User>>;

    /// Whether there is an active administrator.
    ///
    /// # Errors
    /// Only when the store fails.
    async fn has_admin(&self) -> Result<bool>;

    /// Adds an account.
    ///
    /// # Errors
    /// `EmailTaken`, `UsernameTaken`.
    async fn insert(&self, account: &Account) -> Result<()>;

    /// Adds the account of the first administrator, if there is no active one: of any number of callers,
    /// exactly one succeeds.
    ///
    /// # Errors
    /// `AdminExists`, `EmailTaken`, `UsernameTaken`.
    async fn insert_first_admin(&self, account: &Account) -> Result<()>;

    /// Adds an account if `decide` lets the user of that id, who adds it, do so. That user is read in the transaction
    /// of the write, and does not change until its end.
    ///
    /// # Errors
    /// `EmailTaken`, `UsernameTaken`, and what `decide` fails with.
    async fn insert_by(&self, by: UserId, account: &Account, decide: Admit<'_>) -> Result<()>;

    /// Changes a user into what `decide` makes of it. `decide` gets the user of the id `by`, who makes the change, and the
    /// user as both are in the transaction of the write; neither changes until its end. The password stays. Nothing is
    /// written when nothing is different.
    ///
    /// # Errors
    /// `NotFound`, `LastAdmin` when no active administrator would be left, `EmailTaken`, `UsernameTaken`, and what
    /// `decide` fails with.
    async fn update(&self, by: UserId, id: UserId, decide: Decide<'_, User>) -> Result<Updated>;

    /// Sets the password hash of a user; says whether it did. It counts as no change of the user.
    ///
    /// # Errors
    /// Only when the store fails.
    async fn set_password_hash(
        &self,
        id: UserId,
        replacing: Replacing<'_>,
        new: &PasswordHash,
    ) -> Result<bool>;

    /// Removes a user if `decide` agrees, which gets what it gets in [`UserStore::update`].
    ///
    /// # Errors
    /// `NotFound`, `LastAdmin` when no active administrator would be left, and what `decide` fails with.
    async fn delete(&self, by: UserId, id: UserId, decide: Decide<'_, ()>) -> Result<()>;
}

/// Decides about a write, in its transaction: whether its author, if there is such a user, may do it.
pub type Admit<'a> = &'a (dyn Fn(Option<&User>) -> Result<()> + Send + Sync);

/// Decides about a write, in its transaction: what becomes of the second user, if the first, its author, may do it. It
/// is called once or more, and should only calculate: others wait for its end.
pub type Decide<'a, T> = &'a (dyn Fn(Option<&User>, &User) -> Result<T> + Send + Sync);

/// A user before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// As it was.
    pub before: User,
    /// As it is.
    pub after: User,
}

/// Which present password hash a new one may replace.
#[derive(Debug, Clone, Copy)]
pub enum Replacing<'a> {
    /// Any, or none.
    Any,
    /// Only this one, so that the new one loses against a change in the meantime.
    Only(&'a PasswordHash),
}
