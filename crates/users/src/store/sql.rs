//! Users in SQLite, PostgreSQL or MySQL: one implementation, three dialects.

mod statements;
mod table;

use async_trait::async_trait;
use palisade_auth::PasswordHash;
use palisade_core::UserId;
use palisade_database::{Database, Migrations, Row, Statement};

use super::{Replacing, UserStore};
use crate::{Account, Error, Listing, Login, Result, User};

/// The tables of this crate, for `palisade_database::Migrator`.
pub static MIGRATIONS: Migrations = palisade_database::migrations!("users"; 20261120000100, "create_users");

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

    /// Runs a statement that takes away an active administrator, if another one stays. The row that it takes
    /// first lets such changes through one at a time: of two administrators who disable each other at the
    /// same moment, the second finds itself the last.
    async fn run_unless_last_admin(&self, statement: &impl Statement) -> Result<u64> {
        let mut transaction = self.database.begin().await?;
        transaction.execute(&statements::take_admin_guard()).await?;
        let written = transaction.execute(statement).await?;
        if written > 0 && transaction.fetch_optional(&statements::active_admin()).await?.is_none() {
            transaction.rollback().await?;
            return Err(Error::LastAdmin);
        }
        transaction.commit().await?;
        Ok(written)
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
        Ok(self.database.fetch_optional(&statements::active_admin()).await?.is_some())
    }

    async fn insert(&self, account: &Account) -> Result<()> {
        self.database.execute(&statements::insert(account)?).await?;
        Ok(())
    }

    async fn insert_first_admin(&self, account: &Account) -> Result<()> {
        let mut transaction = self.database.begin().await?;
        transaction.execute(&statements::take_admin_guard()).await?;
        if transaction.fetch_optional(&statements::active_admin()).await?.is_some() {
            transaction.rollback().await?;
            return Err(Error::AdminExists);
        }
        transaction.execute(&statements::insert(account)?).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn update(&self, before: &User, after: &User) -> Result<()> {
        let statement = statements::update(before, after)?;
        let written = if before.is_active_admin() && !after.is_active_admin() {
            self.run_unless_last_admin(&statement).await?
        } else {
            self.database.execute(&statement).await?
        };
        if written == 0 { Err(Error::Changed) } else { Ok(()) }
    }

    async fn set_password_hash(
        &self,
        id: UserId,
        replacing: Replacing<'_>,
        new: &PasswordHash,
    ) -> Result<bool> {
        let statement = statements::set_password_hash(id, replacing, new);
        Ok(self.database.execute(&statement).await? > 0)
    }

    async fn delete(&self, user: &User) -> Result<()> {
        let statement = statements::delete(user);
        let written = if user.is_active_admin() {
            self.run_unless_last_admin(&statement).await?
        } else {
            self.database.execute(&statement).await?
        };
        if written == 0 { Err(Error::Changed) } else { Ok(()) }
    }
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
