//! A transaction as a value.

use std::fmt;

use crate::{
    Dialect, Error, Row, Settings, Statement,
    connection::{Done, Wanted},
    lease::Lease,
};

/// Everything run through this value happens together or not at all. Dropped without [`Transaction::commit`], it is
/// rolled back.
///
/// After an error nothing more can be done with it but to roll back: PostgreSQL would refuse further statements
/// and MySQL may have undone the earlier ones, so all three databases are held to that.
pub struct Transaction {
    lease: Lease,
    dialect: Dialect,
    failed: bool,
    /// No statement has succeeded yet.
    untouched: bool,
}

impl Transaction {
    pub(crate) async fn begin(mut lease: Lease, dialect: Dialect) -> Result<Self, Error> {
        lease.begin_lazily().await?;
        Ok(Self { lease, dialect, failed: false, untouched: true })
    }

    /// Runs a statement and gives the number of rows it matched.
    ///
    /// # Errors
    /// Any [`Error`] but a migration's.
    pub async fn execute(&mut self, statement: &impl Statement) -> Result<u64, Error> {
        Ok(self.run(statement, Wanted::Count).await?.matched)
    }

    /// Runs a statement and gives its rows.
    ///
    /// # Errors
    /// Any [`Error`] but a migration's.
    pub async fn fetch_all(&mut self, statement: &impl Statement) -> Result<Vec<Row>, Error> {
        Ok(self.run(statement, Wanted::Rows).await?.rows)
    }

    /// Runs a statement and gives its first row.
    ///
    /// # Errors
    /// Any [`Error`] but a migration's.
    pub async fn fetch_optional(&mut self, statement: &impl Statement) -> Result<Option<Row>, Error> {
        Ok(self.run(statement, Wanted::FirstRow).await?.rows.pop())
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

    /// Runs a last statement and makes everything durable; gives the number of rows that the statement matched. On SQLite
    /// that is one step, where [`execute`](Self::execute) and [`commit`](Self::commit) are two.
    ///
    /// # Errors
    /// Those of both.
    pub async fn execute_and_commit(mut self, statement: &impl Statement) -> Result<u64, Error> {
        if self.dialect != Dialect::Sqlite {
            let matched = self.execute(statement).await?;
            return self.commit().await.map(|()| matched);
        }
        let built = statement.render(self.dialect)?;
        self.start()?;
        Ok(self.lease.run_and_commit(built).await?.matched)
    }

    /// Undoes everything, and waits until that is done.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; the database then undoes it when it notices that the connection is gone.
    pub async fn rollback(mut self) -> Result<(), Error> {
        self.lease.end("ROLLBACK").await
    }

    /// A first statement whose prepared form is no longer valid is prepared and run anew: nothing has happened yet.
    async fn run(&mut self, statement: &impl Statement, wanted: Wanted) -> Result<Done, Error> {
        let built = statement.render(self.dialect)?;
        self.start()?;
        let mut done = self.lease.run(built, wanted).await;
        if done.is_err() && self.untouched && self.lease.prepared_anew().await {
            done = self.lease.run(statement.render(self.dialect)?, wanted).await;
        }
        match &done {
            Ok(_) => (self.failed, self.untouched) = (false, false),
            // Whoever tries the transaction again must not meet the same on the next connection.
            Err(_) if self.lease.is_stale() => self.lease.retire_all(),
            Err(_) => {}
        }
        done
    }

    /// Counts as failed until the statement has succeeded, so that a cancelled one fails the transaction too.
    fn start(&mut self) -> Result<(), Error> {
        if std::mem::replace(&mut self.failed, true) {
            return Err(Error::statement("25P02", "an earlier statement of this transaction failed"));
        }
        Ok(())
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transaction({})", self.dialect)
    }
}

/// SQLite takes its write lock at once: taken later, it could fail when another process has written meanwhile. Where a
/// pooler shares the sessions, the time limit of a statement is set for the transaction alone.
pub(crate) fn begin_statement(dialect: Dialect, settings: &Settings) -> String {
    match dialect {
        Dialect::Sqlite => "BEGIN IMMEDIATE".to_owned(),
        Dialect::Postgres if settings.shares_sessions() => {
            format!("BEGIN; SET LOCAL statement_timeout = {}", settings.statement_timeout_ms)
        }
        Dialect::Postgres => "BEGIN".to_owned(),
        Dialect::MySql => "START TRANSACTION".to_owned(),
    }
}
