//! One connection, whatever its dialect.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection, SqliteConnection};
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
