//! The one connection that migrates: its lock, its transactions, its patience.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_query::{Expr, Query};
use tokio::time::Instant;

use super::{Step, history, history::Record};
use crate::{
    Database, Dialect, Error, MigrationError, Statement,
    connection::{Done, Wanted},
    lease::Lease,
    pools::Access,
};

/// How long to wait for another process that migrates.
const LOCK_WITHIN: Duration = Duration::from_secs(120);
/// The bound of one migration, such as an index on a large table.
const MIGRATE_WITHIN: Duration = Duration::from_secs(3_600);
/// The key of PostgreSQL's advisory lock: "palisade" in ASCII.
const LOCK_KEY: i64 = 0x70_61_6c_69_73_61_64_65;

pub(super) struct Session {
    lease: Lease,
    dialect: Dialect,
}

impl Session {
    /// Takes a connection out of the pool for good: the limits that MySQL's session lifts here must not leak to others.
    pub(super) async fn open(database: &Database) -> Result<Self, Error> {
        let mut lease = database.lease(Access::Write).await?;
        lease.set_bound(MIGRATE_WITHIN);
        let dialect = database.dialect();
        if dialect == Dialect::MySql {
            lease.script(
                "SET SESSION lock_wait_timeout = 120 /*M!100101 , max_statement_time = 0 */ /*!50708 , max_execution_time = 0 */",
            )
            .await?;
        }
        Ok(Self { lease, dialect })
    }

    /// On MySQL, waits until no other process migrates; on the others, each transaction does. A lost connection gives
    /// the lock back by itself.
    pub(super) async fn lock(&mut self) -> Result<(), Error> {
        if self.dialect != Dialect::MySql {
            return Ok(());
        }
        // The lock is the server's, not the database's: its name must hold the database's, in at most 64 characters.
        let seconds = LOCK_WITHIN.as_secs();
        let call = format!("CAST(GET_LOCK(CONCAT('palisade_', MD5(DATABASE())), {seconds}) AS SIGNED)");
        let call = Query::select().expr_as(Expr::cust(call), "taken").to_owned();
        let done = self.run(&call, Wanted::FirstRow).await?;
        let taken = done.rows.first().map(|row| row.get::<Option<i64>>("taken")).transpose()?.flatten();
        if taken == Some(1) { Ok(()) } else { Err(locked()) }
    }

    pub(super) async fn create_table(&mut self) -> Result<(), Error> {
        self.begin().await?;
        self.lease.script(history::create_table(self.dialect)).await?;
        self.lease.end("COMMIT").await
    }

    /// Begins a transaction; on SQLite and PostgreSQL that takes the lock, and another process may hold it for a whole
    /// migration. PostgreSQL's is an advisory lock that the end of the transaction gives back, so that it holds through a
    /// pooler too, as do the limits that are lifted with it.
    pub(super) async fn begin(&mut self) -> Result<(), Error> {
        let seconds = LOCK_WITHIN.as_secs();
        let begin = match self.dialect {
            Dialect::Sqlite => "BEGIN IMMEDIATE".to_owned(),
            Dialect::MySql => "START TRANSACTION".to_owned(),
            Dialect::Postgres => format!(
                "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '{seconds}s'; \
                 SELECT pg_advisory_xact_lock({LOCK_KEY})"
            ),
        };
        let started = Instant::now();
        loop {
            match self.lease.begin_with(&begin).await {
                // SQLite waits for the shorter time that suits requests.
                Err(Error::Contention { .. })
                    if self.dialect == Dialect::Sqlite && started.elapsed() < LOCK_WITHIN => {}
                Err(Error::Contention { .. }) => return Err(locked()),
                outcome => return outcome,
            }
        }
    }

    pub(super) async fn rollback(&mut self) -> Result<(), Error> {
        self.lease.end("ROLLBACK").await
    }

    pub(super) async fn records(&mut self) -> Result<Vec<Record>, Error> {
        self.run(&history::select(), Wanted::Rows).await?.rows.iter().map(Record::from_row).collect()
    }

    /// Runs one migration within the transaction that is open, and ends it.
    pub(super) async fn apply(&mut self, step: &Step, now: DateTime<Utc>) -> Result<(), Error> {
        if self.dialect.has_transactional_ddl() {
            self.run_file(step).await?;
            self.execute(&history::insert(step, self.dialect, Some(now))).await?;
        } else {
            self.apply_in_the_open(step, now).await?;
        }
        self.lease.end("COMMIT").await
    }

    /// MySQL ends the transaction at the first `CREATE`: the record is written before and completed after, so that
    /// an interruption is seen by the next start.
    async fn apply_in_the_open(&mut self, step: &Step, now: DateTime<Utc>) -> Result<(), Error> {
        self.execute(&history::insert(step, self.dialect, None)).await?;
        self.lease.end("COMMIT").await?;
        if let Err(failure) = self.run_file(step).await {
            if let MigrationError::Failed { statement, .. } = &failure {
                let completed = statement.saturating_sub(1);
                self.execute(&history::note_progress(step, completed)).await?;
            }
            return Err(failure.into());
        }
        self.execute(&history::finish(step, now)).await
    }

    async fn run_file(&mut self, step: &Step) -> Result<(), MigrationError> {
        let (completed, outcome) = self.lease.counted_script(step.migration.sql(self.dialect)).await;
        outcome.map_err(|source| MigrationError::Failed {
            version: step.migration.version,
            domain: step.domain,
            name: step.migration.name,
            statement: completed + 1,
            source: Box::new(source),
        })
    }

    async fn execute(&mut self, statement: &impl Statement) -> Result<(), Error> {
        self.run(statement, Wanted::Count).await.map(|_| ())
    }

    async fn run(&mut self, statement: &impl Statement, wanted: Wanted) -> Result<Done, Error> {
        self.lease.run(statement.render(self.dialect)?, wanted).await
    }
}

impl Drop for Session {
    /// Gives the lock back by closing the connection, also when the run is cancelled. SQLite's goes back to its pool.
    fn drop(&mut self) {
        self.lease.taint();
    }
}

fn locked() -> Error {
    MigrationError::Locked { seconds: LOCK_WITHIN.as_secs() }.into()
}
