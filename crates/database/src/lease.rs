//! A connection while someone uses it: bounded, watched, and never returned dirty.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use palisade_resilience::Breaker;
use palisade_telemetry::trace_span;
use tokio::{
    runtime::Handle,
    time::{Instant, error::Elapsed, timeout, timeout_at},
};

use tracing::{Instrument as _, Span};

use crate::{
    Dialect, Error, Row,
    connection::{Connection, ScriptOutcome},
    error::classify,
    metrics::operation,
    monitor::Monitor,
    statement::Built,
};

/// What all connections of a pool share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) dialect: Dialect,
    /// SQLite has no server to lose.
    pub(crate) breaker: Option<Breaker>,
    pub(crate) monitor: Monitor,
    /// Connections that someone uses at this moment.
    pub(crate) in_use: AtomicU32,
    pub(crate) acquire_timeout: Duration,
    pub(crate) statement_timeout: Duration,
}

/// Counts one connection as used for as long as it lives.
struct Use(Arc<Shared>);

impl Use {
    fn start(shared: Arc<Shared>) -> Self {
        shared.in_use.fetch_add(1, Ordering::Relaxed);
        Self(shared)
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        self.0.in_use.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) struct Lease {
    connection: Option<(Connection, Use)>,
    /// A statement was sent and its answer not read to the end: nobody else may use the connection.
    unanswered: bool,
    in_transaction: bool,
    bound: Duration,
    shared: Arc<Shared>,
}

impl Lease {
    pub(crate) fn new(connection: Connection, shared: &Arc<Shared>) -> Self {
        Self {
            connection: Some((connection, Use::start(Arc::clone(shared)))),
            unanswered: false,
            in_transaction: false,
            bound: shared.statement_timeout,
            shared: Arc::clone(shared),
        }
    }

    /// Gives each statement another bound than the pool's.
    pub(crate) fn set_bound(&mut self, bound: Duration) {
        self.bound = bound;
    }

    pub(crate) async fn execute(&mut self, built: Built) -> Result<u64, Error> {
        let (sql, started, bound) = (Arc::clone(&built.sql), Instant::now(), self.bound);
        let span = self.span(&sql);
        let outcome = timeout(bound, self.busy()?.execute(built)).instrument(span).await;
        self.settle(&sql, started, outcome)
    }

    pub(crate) async fn fetch_all(&mut self, built: Built) -> Result<Vec<Row>, Error> {
        let (sql, started, bound) = (Arc::clone(&built.sql), Instant::now(), self.bound);
        let span = self.span(&sql);
        let outcome = timeout(bound, self.busy()?.fetch_all(built)).instrument(span).await;
        self.settle(&sql, started, outcome)
    }

    pub(crate) async fn fetch_optional(&mut self, built: Built) -> Result<Option<Row>, Error> {
        let (sql, started, bound) = (Arc::clone(&built.sql), Instant::now(), self.bound);
        let span = self.span(&sql);
        let outcome = timeout(bound, self.busy()?.fetch_optional(built)).instrument(span).await;
        self.settle(&sql, started, outcome)
    }

    /// Runs SQL text as it is.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<(), Error> {
        self.counted_script(sql).await.1
    }

    /// The same, with the number of statements that were completed.
    pub(crate) async fn counted_script(&mut self, sql: &str) -> (u64, Result<(), Error>) {
        let (started, bound, span) = (Instant::now(), self.bound, self.span(sql));
        let connection = match self.busy() {
            Ok(connection) => connection,
            Err(error) => return (0, Err(error)),
        };
        match timeout(bound, connection.script(sql)).instrument(span).await {
            Ok(ScriptOutcome { completed, result }) => (completed, self.settle(sql, started, Ok(result))),
            Err(late) => (0, self.settle(sql, started, Err(late))),
        }
    }

    /// Asks the server whether it is there. A connection that broke while nobody used it says nothing about the
    /// server; silence until the deadline does.
    pub(crate) async fn ping(&mut self, deadline: Instant) -> Result<(), Error> {
        match timeout_at(deadline, self.busy()?.ping()).await {
            Ok(Ok(())) => {
                self.answered();
                Ok(())
            }
            Ok(Err(error)) => Err(classify(self.shared.dialect, error)),
            Err(_) => Err(self.silent("it does not answer a ping")),
        }
    }

    /// Opens a transaction with `statement`; the lease undoes it when it is dropped.
    pub(crate) async fn begin(&mut self, statement: &str) -> Result<(), Error> {
        self.in_transaction = true;
        self.script(statement).await
    }

    /// Ends the transaction with `COMMIT` or `ROLLBACK`.
    pub(crate) async fn end(&mut self, statement: &str) -> Result<(), Error> {
        self.script(statement).await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Has a server's connection closed instead of going back to its pool.
    pub(crate) const fn taint(&mut self) {
        self.unanswered = true;
    }

    fn span(&self, sql: &str) -> Span {
        trace_span!(
            "db.query",
            otel.kind = "client",
            db.system.name = self.shared.dialect.as_str(),
            db.operation.name = operation(sql),
            // Values are bound, and are not in it.
            db.query.text = sql,
        )
    }

    fn busy(&mut self) -> Result<&mut Connection, Error> {
        self.unanswered = true;
        match &mut self.connection {
            Some((connection, _)) => Ok(connection),
            None => Err(Error::unavailable("the connection is gone")),
        }
    }

    fn settle<T>(
        &mut self,
        sql: &str,
        started: Instant,
        outcome: Result<Result<T, sqlx::Error>, Elapsed>,
    ) -> Result<T, Error> {
        self.shared.monitor.saw(sql, started.elapsed());
        let outcome = self.verdict(outcome);
        if let Err(error) = &outcome {
            self.shared.monitor.metrics.get().failed(error);
        }
        outcome
    }

    fn verdict<T>(&mut self, outcome: Result<Result<T, sqlx::Error>, Elapsed>) -> Result<T, Error> {
        match outcome {
            Ok(Ok(value)) => {
                self.answered();
                Ok(value)
            }
            Ok(Err(error)) => {
                if matches!(error, sqlx::Error::Database(_)) {
                    self.answered();
                }
                let is_broken =
                    matches!(error, sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_));
                let error = classify(self.shared.dialect, error);
                self.unanswered |= is_spoiled(&error);
                if is_broken {
                    self.shared.failed("a connection broke");
                }
                Err(error)
            }
            Err(_) => Err(self.silent("a statement was not answered in time")),
        }
    }

    fn answered(&mut self) {
        self.unanswered = false;
        self.shared.answered();
    }

    fn silent(&self, reason: &str) -> Error {
        self.shared.failed(reason);
        Error::unavailable(reason)
    }
}

/// Whether the connection is of no use after this error: its session ends, or it holds a prepared statement that no
/// longer fits the table (PostgreSQL's 0A000 after another process has migrated) or that a proxy lost (26000).
fn is_spoiled(error: &Error) -> bool {
    match error {
        Error::Unavailable { .. } => true,
        Error::Statement { code, .. } => matches!(code.as_str(), "0A000" | "26000"),
        _ => false,
    }
}

impl Drop for Lease {
    /// Gives the connection back in a task that ends within two acquire timeouts. Outside a runtime, and for a
    /// server's connection that waits for an answer, the connection is closed instead.
    fn drop(&mut self) {
        let Some((connection, used)) = self.connection.take() else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        let is_local = self.shared.dialect == Dialect::Sqlite;
        if self.unanswered && !is_local {
            return;
        }
        let undo = self.in_transaction || self.unanswered;
        let bound = self.shared.acquire_timeout;
        runtime.spawn(async move {
            connection.give_back(undo, bound).await;
            drop(used);
        });
    }
}
