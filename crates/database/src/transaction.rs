//! A transaction as a value.

use std::fmt;

use crate::{Dialect, Error, Row, Statement, lease::Lease};

/// Everything run through this value happens together or not at all. Dropped without [`Transaction::commit`], it is
/// rolled back.
///
/// After an error nothing more can be done with it but to roll back: PostgreSQL would refuse further statements
/// and MySQL may have undone the earlier ones, so all three databases are held to that.
pub struct Transaction {
    lease: Lease,
    dialect: Dialect,
    failed: bool,
}

impl Transaction {
    pub(crate) async fn begin(mut lease: Lease, dialect: Dialect) -> Result<Self, Error> {
        lease.begin(begin_statement(dialect)).await?;
        Ok(Self { lease, dialect, failed: false })
    }

    /// Runs a statement and gives the number of rows it matched.
    ///
    /// # Errors
    /// Any [`Error`] but a migration's.
    pub async fn execute(&mut self, statement: &impl Statement) -> Result<u64, Error> {
        let built = statement.render(self.dialect)?;
        self.start()?;
        let done = self.lease.execute(built).await;
        self.finish(done)
    }

    /// Runs a statement and gives its rows.
    ///
    /// # Errors
    /// Any [`Error`] but a migration's.
    pub async fn fetch_all(&mut self, statement: &impl Statement) -> Result<Vec<Row>, Error> {
        let built = statement.render(self.dialect)?;
        self.start()?;
        let rows = self.lease.fetch_all(built).await;
        self.finish(rows)
    }

    /// Runs a statement and gives its first row.
    ///
    /// # Errors
    /// Any [`Error`] but a migration's.
    pub async fn fetch_optional(&mut self, statement: &impl Statement) -> Result<Option<Row>, Error> {
        let built = statement.render(self.dialect)?;
        self.start()?;
        let row = self.lease.fetch_optional(built).await;
        self.finish(row)
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// When an earlier statement failed: nothing is kept. [`Error::Unavailable`] when the answer to `COMMIT` was
    /// lost: whether it is kept is not known.
    pub async fn commit(mut self) -> Result<(), Error> {
        self.start()?;
        self.lease.end("COMMIT").await
    }

    /// Undoes everything, and waits until that is done.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; the database then undoes it when it notices that the connection is gone.
    pub async fn rollback(mut self) -> Result<(), Error> {
        self.lease.end("ROLLBACK").await
    }

    /// Counts as failed until the statement has succeeded, so that a cancelled one fails the transaction too.
    fn start(&mut self) -> Result<(), Error> {
        if std::mem::replace(&mut self.failed, true) {
            return Err(Error::statement("25P02", "an earlier statement of this transaction failed"));
        }
        Ok(())
    }

    fn finish<T>(&mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        self.failed = outcome.is_err();
        outcome
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transaction({})", self.dialect)
    }
}

/// SQLite takes its write lock at once: taken later, it could fail when another process has written meanwhile.
pub(crate) const fn begin_statement(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "BEGIN IMMEDIATE",
        Dialect::Postgres => "BEGIN",
        Dialect::MySql => "START TRANSACTION",
    }
}
