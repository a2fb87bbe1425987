//! Users in SQLite, PostgreSQL or MySQL: one implementation, three dialects.

mod statements;
mod table;

use async_trait::async_trait;
use palisade_auth::PasswordHash;
use palisade_core::UserId;
use palisade_database::{Database, Migrations, Row, Statement, Transaction};

use super::{Admit, Decide, Replacing, Updated, UserStore};
use crate::{Account, Error, Listing, Login, Result, User, error::BUSY};

/// The tables of this crate, for `palisade_database::Migrator`.
pub static MIGRATIONS: Migrations = palisade_database::migrations!("users";
    20261120000100, "create_users";
    20261130000100, "fold_search_text";
);

/// How often a transaction is run that others were in the way of. One that loses this often has met as many that won.
const ATTEMPTS: u32 = 16;

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

    async fn try_insert_by(&self, by: UserId, account: &Account, decide: Admit<'_>) -> Result<()> {
        let mut transaction = self.database.begin().await?;
        let [author] = lock(&mut transaction, [by]).await?;
        decide(author.as_ref())?;
        transaction.execute(&statements::insert(account)?).await?;
        Ok(transaction.commit().await?)
    }

    async fn try_update(&self, by: UserId, id: UserId, decide: Decide<'_, User>) -> Result<Updated> {
        let mut transaction = self.database.begin().await?;
        let [author, before] = lock(&mut transaction, [by, id]).await?;
        let before = before.ok_or(Error::NotFound)?;
        let after = decide(author.as_ref(), &before)?;
        if after != before {
            let update = statements::update(&after)?;
            match before.is_active_admin() && !after.is_active_admin() {
                true => run_unless_last_admin(&mut transaction, &update).await?,
                false => drop(transaction.execute(&update).await?),
            }
        }
        transaction.commit().await?;
        Ok(Updated { before, after })
    }

    async fn try_delete(&self, by: UserId, id: UserId, decide: Decide<'_, ()>) -> Result<()> {
        let mut transaction = self.database.begin().await?;
        let [author, user] = lock(&mut transaction, [by, id]).await?;
        let user = user.ok_or(Error::NotFound)?;
        decide(author.as_ref(), &user)?;
        let delete = statements::delete(id);
        match user.is_active_admin() {
            true => run_unless_last_admin(&mut transaction, &delete).await?,
            false => drop(transaction.execute(&delete).await?),
        }
        Ok(transaction.commit().await?)
    }
}

/// The users of these ids, `None` where there is none. They stay as they are until the transaction ends.
async fn lock<const N: usize>(transaction: &mut Transaction, ids: [UserId; N]) -> Result<[Option<User>; N]> {
    let rows = transaction.fetch_all(&statements::lock(&ids)).await?;
    let users: Vec<User> = rows.iter().map(table::read_user).collect::<Result<_>>()?;
    Ok(ids.map(|id| users.iter().find(|user| user.id == id).cloned()))
}

/// Runs a statement that takes away an active administrator, if another one stays. The row that it takes first lets such
/// changes through one at a time: of two administrators who disable each other at the same moment, the second finds
/// itself the last.
async fn run_unless_last_admin(transaction: &mut Transaction, statement: &impl Statement) -> Result<()> {
    transaction.execute(&statements::take_admin_guard()).await?;
    transaction.execute(statement).await?;
    match transaction.fetch_optional(&statements::active_admin()).await? {
        Some(_) => Ok(()),
        None => Err(Error::LastAdmin),
    }
}

/// Runs a transaction, and once more for each time that another one was in its way.
async fn in_turn<T, F: Future<Output = Result<T>>>(attempt: impl Fn() -> F) -> Result<T> {
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(Error::Other(error)) if error.reason() == Some(BUSY) => {}
            outcome => return outcome,
        }
    }
    attempt().await
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

    async fn insert_by(&self, by: UserId, account: &Account, decide: Admit<'_>) -> Result<()> {
        in_turn(|| self.try_insert_by(by, account, decide)).await
    }

    async fn update(&self, by: UserId, id: UserId, decide: Decide<'_, User>) -> Result<Updated> {
        in_turn(|| self.try_update(by, id, decide)).await
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

    async fn delete(&self, by: UserId, id: UserId, decide: Decide<'_, ()>) -> Result<()> {
        in_turn(|| self.try_delete(by, id, decide)).await
    }
}

/// The unique index decides who gets an address or a name, however many ask at once.
impl From<palisade_database::Error> for Error {
    fn from(error: palisade_database::Error) -> Self {
        if error.violates("users_email_key") {
            Self::EmailTaken
        } else if error.violates("users_username_lower_key") {
            Self::UsernameTaken
        } else if matches!(error, palisade_database::Error::Contention { .. }) {
            let busy = palisade_core::Error::conflict("Too many change this user at once; send it again");
            Self::Other(busy.with_reason(BUSY).with_source(error))
        } else {
            Self::Other(error.into())
        }
    }
}
