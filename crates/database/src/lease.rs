//! A connection while someone uses it: bounded, watched, and never returned dirty.

use std::{sync::Arc, time::Duration};

use palisade_telemetry::trace_span;
use tokio::{
    runtime::Handle,
    time::{Instant, error::Elapsed, timeout},
};

use tracing::{Instrument as _, Span};

use crate::{
    Dialect, Error,
    connection::{Around, Connection, Done, ScriptOutcome, Wanted},
    error::{Classified, Meaning, classify},
    metrics::operation,
    pool::Slot,
    shared::Shared,
    statement::Built,
};

/// How long a ping may take, or the acquire timeout if that is shorter. What is left of a caller's time to wait would say
/// nothing about the server.
const FAIR: Duration = Duration::from_secs(1);

pub(crate) struct Lease {
    slot: Option<Slot>,
    /// A statement was sent and its answer not read to the end: nobody else may use the connection.
    unanswered: bool,
    /// The connection, or its server, is of no further use.
    spoiled: bool,
    /// The server answers nobody.
    is_lost: bool,
    in_transaction: bool,
    /// The transaction is opened with its first statement.
    begins: bool,
    /// The last statement failed because its prepared form is no longer valid; nothing was executed.
    is_stale: bool,
    bound: Duration,
    /// How often the server had answered, whomever, when the last statement was sent.
    answers_before: u64,
    shared: Arc<Shared>,
}

impl Lease {
    pub(crate) fn new(slot: Slot, shared: &Arc<Shared>) -> Self {
        Self {
            slot: Some(slot),
            unanswered: false,
            spoiled: false,
            is_lost: false,
            in_transaction: false,
            begins: false,
            is_stale: false,
            bound: shared.statement_timeout,
            answers_before: 0,
            shared: Arc::clone(shared),
        }
    }

    /// Gives each statement another bound than the pool's.
    pub(crate) const fn set_bound(&mut self, bound: Duration) {
        self.bound = bound;
    }

    pub(crate) async fn run(&mut self, built: Built, wanted: Wanted) -> Result<Done, Error> {
        if self.in_transaction || self.begins || !self.shared.shares_sessions {
            return self.run_one(built, wanted, false).await;
        }
        self.begin().await?;
        let done = self.run_one(built, wanted, false).await;
        if self.is_stale {
            self.end("ROLLBACK").await?;
            self.is_stale = true;
        } else if done.is_ok() {
            self.end("COMMIT").await?;
        }
        done
    }

    /// Runs the last statement of a transaction of SQLite and commits it.
    pub(crate) async fn run_and_commit(&mut self, built: Built) -> Result<Done, Error> {
        let done = self.run_one(built, Wanted::Count, true).await?;
        self.in_transaction = false;
        Ok(done)
    }

    async fn run_one(&mut self, built: Built, wanted: Wanted, commit: bool) -> Result<Done, Error> {
        let (sql, started, bound) = (Arc::clone(&built.sql), Instant::now(), self.bound);
        let (span, shared) = (self.span(&sql), Arc::clone(&self.shared));
        let around = Around { begin: std::mem::take(&mut self.begins), commit };
        self.in_transaction |= around.begin;
        let running = self.busy()?.run_around(built, wanted, around, &shared.begin);
        let outcome = timeout(bound, running).instrument(span).await;
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

    /// Asks the server whether it is there. A connection that broke while nobody used it says nothing about the server;
    /// silence for a fair time does, unless others get answers meanwhile.
    pub(crate) async fn ping(&mut self) -> Result<(), Error> {
        let bound = FAIR.min(self.shared.acquire_timeout);
        match timeout(bound, self.busy()?.ping()).await {
            Ok(Ok(())) => {
                self.answered();
                Ok(())
            }
            Ok(Err(error)) => {
                self.spoiled = true;
                Err(classify(self.shared.dialect, error).error)
            }
            Err(_) => Err(self.silent("it does not answer a ping")),
        }
    }

    /// Whether this call found that the server is lost.
    pub(crate) const fn found_it_lost(&self) -> bool {
        self.is_lost
    }

    /// Opens a transaction, on SQLite together with its first statement.
    pub(crate) async fn begin_lazily(&mut self) -> Result<(), Error> {
        if self.shared.dialect == Dialect::Sqlite {
            self.begins = true;
            return Ok(());
        }
        self.begin().await
    }

    /// Opens a transaction; the lease undoes it when it is dropped.
    pub(crate) async fn begin(&mut self) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        self.begin_with(&shared.begin).await
    }

    /// Opens a transaction with `statement`.
    pub(crate) async fn begin_with(&mut self, statement: &str) -> Result<(), Error> {
        self.in_transaction = true;
        self.script(statement).await
    }

    /// Ends the transaction with `COMMIT` or `ROLLBACK`.
    pub(crate) async fn end(&mut self, statement: &str) -> Result<(), Error> {
        if std::mem::take(&mut self.begins) {
            return Ok(());
        }
        self.script(statement).await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Has a server's connection closed instead of going back to its pool.
    pub(crate) const fn taint(&mut self) {
        self.unanswered = true;
    }

    /// Whether the last statement [is stale](Self::is_stale) and can be run again. All statements are prepared anew from
    /// now on. A transaction that was open is begun again: nothing must have been done in it.
    pub(crate) async fn prepared_anew(&mut self) -> bool {
        if !std::mem::take(&mut self.is_stale) {
            return false;
        }
        let was_in_transaction = self.in_transaction;
        if was_in_transaction && self.end("ROLLBACK").await.is_err() {
            return false;
        }
        let Ok(connection) = self.busy() else { return false };
        if !matches!(timeout(FAIR, connection.forget_statements()).await, Ok(Ok(()))) {
            return false;
        }
        self.answered();
        !was_in_transaction || self.begin().await.is_ok()
    }

    /// Whether the last statement failed because its prepared form is no longer valid.
    pub(crate) const fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// The server takes no writes: this connection and all others are replaced.
    pub(crate) fn found_read_only(&mut self) {
        self.heed(Meaning::ReadOnly);
    }

    /// Has all connections replaced that are open now.
    pub(crate) fn retire_all(&self) {
        if !self.shared.is_in_memory {
            self.slot.iter().for_each(Slot::retire_all);
        }
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
        self.answers_before = self.shared.answers();
        let connection = self.slot.as_mut().and_then(Slot::connection);
        connection.ok_or_else(|| Error::unavailable("the connection is gone"))
    }

    fn settle<T>(
        &mut self,
        sql: &str,
        started: Instant,
        outcome: Result<Result<T, sqlx::Error>, Elapsed>,
    ) -> Result<T, Error> {
        self.shared.monitor.saw(sql, started.elapsed());
        let outcome = self.verdict(outcome);
        if let Err(error) = &outcome
            && !self.is_stale
        {
            self.shared.monitor.metrics.failed(error);
        }
        outcome
    }

    fn verdict<T>(&mut self, outcome: Result<Result<T, sqlx::Error>, Elapsed>) -> Result<T, Error> {
        self.is_stale = false;
        match outcome {
            Ok(Ok(value)) => {
                self.answered();
                Ok(value)
            }
            Ok(Err(error)) => {
                if matches!(error, sqlx::Error::Database(_)) {
                    self.answered();
                }
                let Classified { error, meaning } = classify(self.shared.dialect, error);
                self.heed(meaning);
                Err(error)
            }
            Err(_) => Err(self.silent("a statement was not answered in time")),
        }
    }

    /// Does to the connection what the error means for it.
    fn heed(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Statement | Meaning::Contention | Meaning::TimedOut => {}
            Meaning::StalePlan => self.is_stale = true,
            Meaning::Unready | Meaning::NoConnection => self.spoiled = true,
            Meaning::ReadOnly => {
                self.spoiled = true;
                self.retire_all();
            }
        }
    }

    fn answered(&mut self) {
        self.unanswered = false;
        self.shared.answered();
    }

    /// The server does not answer. If it answered others meanwhile, only this connection is lost.
    fn silent(&mut self, reason: &str) -> Error {
        self.spoiled = true;
        if self.shared.breaker.is_some() && self.shared.answers() == self.answers_before {
            self.is_lost = true;
            self.shared.failed(reason);
        }
        Error::unavailable(reason)
    }
}

impl Drop for Lease {
    /// Gives the connection back. What an open transaction or an unfinished statement needs first happens in a task
    /// that ends within two acquire timeouts. Outside a runtime, and for a server's connection that waits for an
    /// answer, the connection is closed instead.
    fn drop(&mut self) {
        let Some(mut slot) = self.slot.take() else { return };
        let is_local = self.shared.dialect == Dialect::Sqlite;
        if (self.spoiled && !self.shared.is_in_memory) || (self.unanswered && !is_local) {
            return;
        }
        if !self.in_transaction && !self.unanswered {
            return slot.release();
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let bound = self.shared.acquire_timeout;
        runtime.spawn(async move {
            if let Some(connection) = slot.connection()
                && connection.undo(bound).await
            {
                slot.release();
            }
        });
    }
}
