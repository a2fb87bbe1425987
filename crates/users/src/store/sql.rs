//! Users in SQLite, PostgreSQL or MySQL: one implementation, three dialects.

mod statements;
mod table;

use async_trait::async_trait;
use palisade_auth::PasswordHash;
use palisade_core::UserId;
use palisade_database::{Database, Migrations, Row, Statement};
use palisade_events::UnitOfWork;

use super::{Replacing, UserStore};
use crate::{Account, Error, Listing, Login, Result, User};

/// The tables of this crate, for `palisade_database::Migrator`.
pub static MIGRATIONS: Migrations = palisade_database::migrations!("users";
    20261120000100, "create_users";
    20261130000100, "fold_search_text";
);

/// Keeps users in a database.
#[derive(Debug, Clone)]
pub struct SqlUserStore {
    database: Database,
}

impl SqlUserStore {
    /// Keeps users in `database`, in which [`MIGRATIONS`] must have been applied.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    async fn account(&self, select: &impl Statement) -> Result<Option<Account>> {
        self.database.fetch_optional(select).await?.as_ref().map(table::read_account).transpose()
    }
}

#[async_trait]
impl UserStore for SqlUserStore {
    async fn find(&self, id: UserId) -> Result<Option<Account>> {
        self.account(&statements::find(id)).await
    }

    async fn find_by_login(&self, login: &Login) -> Result<Option<Account>> {
        self.account(&statements::find_by_login(login)).await
    }

    async fn list(&self, listing: &Listing) -> Result<Vec<User>> {
        let rows: Vec<Row> = self.database.fetch_all(&statements::list(listing)).await?;
        rows.iter().map(table::read_user).collect()
    }

    async fn has_admin(&self) -> Result<bool> {
        Ok(self.database.fetch_optional(&statements::active_admin(None)).await?.is_some())
    }

    async fn lock(&self, unit: &mut UnitOfWork, ids: &[UserId]) -> Result<Vec<User>> {
        let rows = unit.sql(&self.database).await?.fetch_all(&statements::lock(ids)).await?;
        rows.iter().map(table::read_user).collect()
    }

    /// The row that it takes first lets those who ask through one at a time: of two administrators who disable each other at
    /// the same moment, the second finds itself the last.
    async fn has_other_admin(&self, unit: &mut UnitOfWork, than: Option<UserId>) -> Result<bool> {
        let transaction = unit.sql(&self.database).await?;
        transaction.execute(&statements::take_admin_guard()).await?;
        Ok(transaction.fetch_optional(&statements::active_admin(than)).await?.is_some())
    }

    async fn insert(&self, unit: &mut UnitOfWork, account: &Account) -> Result<()> {
        unit.sql(&self.database).await?.execute(&statements::insert(account)?).await?;
        Ok(())
    }

    async fn update(&self, unit: &mut UnitOfWork, before: &User, after: &User) -> Result<()> {
        let update = statements::update(before, after)?;
        found(unit.sql(&self.database).await?.execute(&update).await?)
    }

    async fn set_password_hash(
        &self,
        unit: &mut UnitOfWork,
        id: UserId,
        replacing: Replacing<'_>,
        new: &PasswordHash,
    ) -> Result<bool> {
        let statement = statements::set_password_hash(id, replacing, new);
        Ok(unit.sql(&self.database).await?.execute(&statement).await? > 0)
    }

    async fn delete(&self, unit: &mut UnitOfWork, id: UserId) -> Result<()> {
        found(unit.sql(&self.database).await?.execute(&statements::delete(id)).await?)
    }
}

/// A statement about one user matched this many.
fn found(matched: u64) -> Result<()> {
    if matched > 0 { Ok(()) } else { Err(Error::NotFound) }
}

/// The unique index decides who gets an address or a name, however many ask at once.
impl From<palisade_database::Error> for Error {
    fn from(error: palisade_database::Error) -> Self {
        if error.violates("users_email_key") {
            Self::EmailTaken
        } else if error.violates("users_username_lower_key") {
            Self::UsernameTaken
        } else {
            Self::Other(error.into())
        }
    }
}
