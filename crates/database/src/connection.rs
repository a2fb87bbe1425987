//! One connection of a pool, whatever its dialect.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Connection as _, MySql, Postgres, Sqlite, pool::PoolConnection};
use tokio::time::timeout;

use crate::{Row, statement::Built};

pub(crate) enum Connection {
    Sqlite(Held<Sqlite>),
    Postgres(Held<Postgres>),
    MySql(Held<MySql>),
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
            Connection::Sqlite(held) => {
                let $live = held.live()?;
                $body
            }
            Connection::Postgres(held) => {
                let $live = held.live()?;
                $body
            }
            Connection::MySql(held) => {
                let $live = held.live()?;
                $body
            }
        }
    };
}

impl Connection {
    pub(crate) async fn execute(&mut self, built: Built) -> Result<u64, sqlx::Error> {
        let Built { sql, values } = built;
        on_each!(self, live => {
            let done = sqlx::query_with(AssertSqlSafe(sql), values).execute(live).await?;
            Ok(done.rows_affected())
        })
    }

    pub(crate) async fn fetch_all(&mut self, built: Built) -> Result<Vec<Row>, sqlx::Error> {
        let Built { sql, values } = built;
        on_each!(self, live => {
            let rows = sqlx::query_with(AssertSqlSafe(sql), values).fetch_all(live).await?;
            Ok(rows.into_iter().map(Row::from).collect())
        })
    }

    pub(crate) async fn fetch_optional(&mut self, built: Built) -> Result<Option<Row>, sqlx::Error> {
        let Built { sql, values } = built;
        on_each!(self, live => {
            let row = sqlx::query_with(AssertSqlSafe(sql), values).fetch_optional(live).await?;
            Ok(row.map(Row::from))
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

    /// Returns the connection to its pool within `bound`, after undoing an open transaction; a server's connection
    /// that cannot do so in time is closed.
    pub(crate) async fn give_back(self, undo: bool, bound: Duration) {
        match self {
            // Closing a connection to SQLite in memory would lose the data, and a local file cannot be frozen.
            Self::Sqlite(mut held) => {
                if let (true, Ok(live)) = (undo, held.live()) {
                    // Fails harmlessly when the transaction is over already.
                    let _over = sqlx::raw_sql("ROLLBACK").execute(live).await;
                }
                held.give_back().await;
            }
            Self::Postgres(mut held) => {
                if !undo || matches!(timeout(bound, rollback_postgres(&mut held)).await, Ok(Ok(_))) {
                    let _closed_when_late = timeout(bound, held.give_back()).await;
                }
            }
            Self::MySql(mut held) => {
                if !undo || matches!(timeout(bound, rollback_mysql(&mut held)).await, Ok(Ok(_))) {
                    let _closed_when_late = timeout(bound, held.give_back()).await;
                }
            }
        }
    }
}

async fn rollback_postgres(held: &mut Held<Postgres>) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("ROLLBACK").execute(held.live()?).await.map(|_| ())
}

async fn rollback_mysql(held: &mut Held<MySql>) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("ROLLBACK").execute(held.live()?).await.map(|_| ())
}

/// A pooled connection that is closed when it is merely dropped; only [`Held::give_back`] returns it. The driver's
/// own return on drop waits for the server without a limit, which a frozen server turns into a leak.
pub(crate) struct Held<DB: sqlx::Database>(Option<PoolConnection<DB>>);

impl<DB: sqlx::Database> Held<DB> {
    pub(crate) const fn new(connection: PoolConnection<DB>) -> Self {
        Self(Some(connection))
    }

    fn live(&mut self) -> Result<&mut DB::Connection, sqlx::Error> {
        self.0.as_deref_mut().ok_or(sqlx::Error::PoolClosed)
    }

    async fn give_back(mut self) {
        if let Some(mut connection) = self.0.take() {
            connection.return_to_pool().await;
        }
    }
}

impl<DB: sqlx::Database> Drop for Held<DB> {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}
