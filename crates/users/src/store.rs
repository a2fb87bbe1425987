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

    /// Replaces `before` by `after`, a later version of the same user. The password stays.
    ///
    /// # Errors
    /// `Changed` when `before` is not the present version or the user is gone, `LastAdmin` when no active
    /// administrator would be left, `EmailTaken`, `UsernameTaken`.
    async fn update(&self, before: &User, after: &User) -> Result<()>;

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

    /// Removes a user.
    ///
    /// # Errors
    /// `Changed` when `user` is not the present version or the user is gone, `LastAdmin` when no active
    /// administrator would be left.
    async fn delete(&self, user: &User) -> Result<()>;
}

/// Which present password hash a new one may replace.
#[derive(Debug, Clone, Copy)]
pub enum Replacing<'a> {
    /// Any, or none.
    Any,
    /// Only this one, so that the new one loses against a change in the meantime.
    Only(&'a PasswordHash),
}
