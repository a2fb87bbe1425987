//! One connection, whatever its dialect.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, Connection as _, Either, Executor as _, MySqlConnection, PgConnection, SqliteConnection,
};
use tokio::time::timeout;

use crate::{Row, statement::Built};

pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres {
        live: PgConnection,
        /// Statements are prepared without a name, for a pooler that lends the session to others in between.
        unnamed: bool,
    },
    MySql(MySqlConnection),
}

/// What a caller wants to know of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// How many rows it matched.
    Count,
    /// All rows it gives.
    Rows,
    /// The first row it gives.
    FirstRow,
}

/// What is run with a statement in one step, where the driver can: on SQLite, where each step wakes another thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Around {
    /// Opens a transaction before it.
    pub(crate) begin: bool,
    /// Commits the transaction after it.
    pub(crate) commit: bool,
}

/// What came of a statement.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) matched: u64,
    pub(crate) rows: Vec<Row>,
}

/// How far a script of several statements got.
pub(crate) struct ScriptOutcome {
    pub(crate) completed: u64,
    pub(crate) result: Result<(), sqlx::Error>,
}

/// The same code for each dialect, with the driver's connection under the name `$live`.
macro_rules! on_each {
    ($connection:expr, $live:ident => $body:expr) => {
        match $connection {
            Connection::Sqlite($live) => $body,
            Connection::Postgres { live: $live, .. } => $body,
            Connection::MySql($live) => $body,
        }
    };
}

impl Connection {
    pub(crate) async fn run(&mut self, built: Built, wanted: Wanted) -> Result<Done, sqlx::Error> {
        let Built { sql, values } = built;
        let persistent = !self.is_unnamed();
        on_each!(self, live => {
            let query = sqlx::query_with(AssertSqlSafe(sql), values).persistent(persistent);
            Ok(match wanted {
                Wanted::Count => {
                    Done { matched: query.execute(live).await?.rows_affected(), rows: Vec::new() }
                }
                Wanted::Rows => Done {
                    matched: 0,
                    rows: query.fetch_all(live).await?.into_iter().map(Row::from).collect(),
                },
                Wanted::FirstRow => Done {
                    matched: 0,
                    rows: query.fetch_optional(live).await?.into_iter().map(Row::from).collect(),
                },
            })
        })
    }

    /// The same on SQLite, with what is `around` it; `begin` opens the transaction.
    pub(crate) async fn run_around(
        &mut self,
        built: Built,
        wanted: Wanted,
        around: Around,
        begin: &str,
    ) -> Result<Done, sqlx::Error> {
        let Self::Sqlite(live) = self else { return self.run(built, wanted).await };
        if around == Around::default() {
            return self.run(built, wanted).await;
        }
        let Built { sql, values } = built;
        let (begin, separator) = if around.begin { (begin, "; ") } else { ("", "") };
        let commit = if around.commit { "; COMMIT" } else { "" };
        let sql = AssertSqlSafe(format!("{begin}{separator}{sql}{commit}"));
        // `fetch_optional` would stop after the first row, before the COMMIT. `run` uses it since it reads one row only.
        let mut results = live.fetch_many(sqlx::query_with(sql, values));
        let (mut done, mut place) = (Done::default(), 0);
        while let Some(result) = results.try_next().await? {
            match result {
                Either::Left(end) => {
                    // SQLite repeats the count of the last statement that wrote for those that do not.
                    if place == usize::from(around.begin) {
                        done.matched = end.rows_affected();
                    }
                    place += 1;
                }
                Either::Right(row) if wanted == Wanted::Rows || done.rows.is_empty() => {
                    done.rows.push(row.into());
                }
                Either::Right(_) => {}
            }
        }
        Ok(done)
    }

    /// Runs SQL text of one or more statements as it is.
    pub(crate) async fn script(&mut self, sql: &str) -> ScriptOutcome {
        let mut completed = 0;
        let result = self.counted_script(sql, &mut completed).await;
        ScriptOutcome { completed, result }
    }

    async fn counted_script(&mut self, sql: &str, completed: &mut u64) -> Result<(), sqlx::Error> {
        on_each!(self, live => {
            let mut results = sqlx::raw_sql(AssertSqlSafe(sql)).execute_many(live);
            while results.try_next().await?.is_some() {
                *completed += 1;
            }
            Ok(())
        })
    }

    pub(crate) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        on_each!(self, live => live.ping().await)
    }

    /// Has each statement prepared anew from now on.
    pub(crate) async fn forget_statements(&mut self) -> Result<(), sqlx::Error> {
        on_each!(self, live => live.clear_cached_statements().await)
    }

    /// Undoes an open transaction. On SQLite, where a statement cannot be lost, there may be none.
    pub(crate) async fn undo(&mut self, bound: Duration) -> bool {
        let is_local = matches!(self, Self::Sqlite(_));
        let undone = self.script("ROLLBACK");
        if is_local {
            let _nothing_to_undo = undone.await;
            return true;
        }
        matches!(timeout(bound, undone).await, Ok(ScriptOutcome { result: Ok(()), .. }))
    }

    /// Says goodbye to the server, within `bound`.
    pub(crate) async fn close(self, bound: Duration) {
        let _closed_without_a_word =
            timeout(bound, async { on_each!(self, live => live.close().await) }).await;
    }

    const fn is_unnamed(&self) -> bool {
        matches!(self, Self::Postgres { unnamed: true, .. })
    }
}
