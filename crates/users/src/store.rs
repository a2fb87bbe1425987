//! Where users are kept.

mod memory;
#[cfg(feature = "sql")]
mod sql;

use async_trait::async_trait;
use palisade_auth::PasswordHash;
use palisade_core::UserId;
use palisade_events::UnitOfWork;

use crate::{Account, Listing, Login, Result, User};

pub use memory::MemoryUserStore;
#[cfg(feature = "sql")]
pub use sql::{MIGRATIONS, SqlUserStore};

/// Where users are kept.
///
/// What is written with a unit of work happens at its commit, together with all else that is written with it; a store over
/// a database does so by [`UnitOfWork::sql`]. What a method promises holds against any number of other calls at the same time,
/// in this process and in others. An error that says that another unit was in the way
/// ([`Contention`](palisade_events::Contention)) has the unit run again. A store passes [`conformance`](crate::conformance) on each backend. Beside the
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

    /// The users of these ids as they are in this unit of work; they stay so until its end. Of an id without a user there is
    /// none.
    ///
    /// # Errors
    /// Only when the store fails.
    async fn lock(&self, unit: &mut UnitOfWork, ids: &[UserId]) -> Result<Vec<User>>;

    /// Whether there is an active administrator, other than the user of that id, in this unit of work. Those who ask do so
    /// one after the other: the next one is answered after the end of this unit.
    ///
    /// # Errors
    /// Only when the store fails.
    async fn has_other_admin(&self, unit: &mut UnitOfWork, than: Option<UserId>) -> Result<bool>;

    /// Adds an account.
    ///
    /// # Errors
    /// `EmailTaken`, `UsernameTaken`.
    async fn insert(&self, unit: &mut UnitOfWork, account: &Account) -> Result<()>;

    /// Makes `after` of `before`, the same user as this unit has [locked](Self::lock) it. The password stays.
    ///
    /// # Errors
    /// `NotFound`, `EmailTaken`, `UsernameTaken`.
    async fn update(&self, unit: &mut UnitOfWork, before: &User, after: &User) -> Result<()>;

    /// Sets the password hash of a user; says whether it did. It counts as no change of the user.
    ///
    /// # Errors
    /// Only when the store fails.
    async fn set_password_hash(
        &self,
        unit: &mut UnitOfWork,
        id: UserId,
        replacing: Replacing<'_>,
        new: &PasswordHash,
    ) -> Result<bool>;

    /// Removes a user.
    ///
    /// # Errors
    /// `NotFound`.
    async fn delete(&self, unit: &mut UnitOfWork, id: UserId) -> Result<()>;
}

/// Which present password hash a new one may replace.
#[derive(Debug, Clone, Copy)]
pub enum Replacing<'a> {
    /// Any, or none.
    Any,
    /// Only this one, so that the new one loses against a change in the meantime.
    Only(&'a PasswordHash),
}
