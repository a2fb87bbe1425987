//! The handle that stores hold.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use chrono::{DateTime, Utc};
use palisade_core::{Clock, WaitBudget};
use palisade_resilience::{Breaker, Turn};
use palisade_telemetry::{metrics::Telemetry, trace_span};
use sea_query::{Expr, Query};
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use crate::{
    Dialect, Error, Row, Settings, Statement, Transaction,
    connection::{Done, Wanted},
    gate::Refusal,
    lease::Lease,
    metrics::Metrics,
    monitor::Monitor,
    opening, outage,
    pools::{Access, Pools},
    shared::Shared,
    transaction::begin_statement,
};

/// The server's own statement timeout comes this much earlier than ours, so that ours means a lost server.
const GRACE: Duration = Duration::from_millis(500);
/// How long [`Database::close`] waits for statements in flight.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// A database with its pool of connections. Cloning it is cheap and shares the pool.
///
/// Each call is bounded: by the acquire timeout until there is a connection, then by the statement timeout. Callers get
/// connections in the order in which they ask. A server that gives fewer connections than the pool may have makes them
/// wait; one that is lost or frozen is [`Error::Unavailable`] and opens a circuit breaker: one caller every half second
/// tries it and the others are refused at once. A call that is cancelled closes its connection rather than return
/// it in the middle of a conversation. A prepared statement that is no longer valid is prepared anew unseen.
///
/// On SQLite, reads run beside the one writer. In memory there is one connection for everything: whoever holds
/// a [`Transaction`] must read through it.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    pools: Pools,
    shared: Arc<Shared>,
    place: String,
    clock: Arc<dyn Clock>,
}

/// What the pool is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Open connections.
    pub open: u32,
    /// Open connections that nobody uses.
    pub idle: u32,
    /// Connections in use.
    pub in_use: u32,
    /// The most connections there may be.
    pub limit: u32,
    /// Callers that wait for a connection.
    pub waiting: u32,
    /// Statements slower than `slow_query_ms` since the start.
    pub slow_queries: u64,
}

impl Database {
    /// Opens the database that `settings.url` names and checks once that it answers and takes writes. For SQLite, folder
    /// and file are made. Its pool, its statements and its circuit breaker are measured by `telemetry`.
    ///
    /// # Errors
    /// [`Error::Configuration`] for what a person must put right: the URL, the login, an unwritable file.
    /// [`Error::Unavailable`] for what may pass: a server that cannot be reached within `connect_timeout_ms`, is still
    /// starting, has no connection to give or takes no writes. Never with the password.
    pub async fn connect(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Result<Self, Error> {
        let url = settings.parse_url()?;
        let (dialect, metrics) = (url.dialect(), Metrics::new(telemetry));
        let shared = Arc::new(Shared {
            dialect,
            breaker: (dialect != Dialect::Sqlite).then(|| outage::breaker(&*clock)),
            monitor: Monitor::new(dialect, Duration::from_millis(settings.slow_query_ms), metrics.clone()),
            answers: AtomicU64::new(0),
            acquire_timeout: settings.acquire_timeout(),
            statement_timeout: settings.statement_timeout().saturating_add(GRACE),
            begin: begin_statement(dialect, settings),
            shares_sessions: dialect == Dialect::Postgres && settings.shares_sessions(),
            is_in_memory: url.is_in_memory(),
        });
        let pools = opening::open(&url, settings, &shared).await?;
        let database = Self(Arc::new(Inner { pools, shared, place: url.redacted(), clock }));
        // Only now: an attempt that fails leaves nothing behind.
        let _measured = database.breaker().cloned().map(|breaker| breaker.telemetry(telemetry));
        let measured = database.clone();
        telemetry.before_reading(Box::new(move || measured.stats().show(&metrics)));
        Ok(database)
    }

    /// Which SQL is spoken.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.0.shared.dialect
    }

    /// Whether both are the same pool.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Runs a statement outside a transaction and gives the number of rows it matched.
    ///
    /// # Errors
    /// Any [`Error`] but a migration's.
    pub async fn execute(&self, statement: &impl Statement) -> Result<u64, Error> {
        Ok(self.run(statement, Access::Write, Wanted::Count).await?.matched)
    }

    /// Runs a statement outside a transaction and gives its rows.
    ///
    /// # Errors
    /// Any [`Error`] but a migration's.
    pub async fn fetch_all(&self, statement: &impl Statement) -> Result<Vec<Row>, Error> {
        Ok(self.run(statement, access(statement), Wanted::Rows).await?.rows)
    }

    /// Runs a statement outside a transaction and gives its first row.
    ///
    /// # Errors
    /// Any [`Error`] but a migration's.
    pub async fn fetch_optional(&self, statement: &impl Statement) -> Result<Option<Row>, Error> {
        Ok(self.run(statement, access(statement), Wanted::FirstRow).await?.rows.pop())
    }

    /// Runs SQL text as it is, several statements if there are several: for administration and tests. Text from outside
    /// must never reach it.
    ///
    /// # Errors
    /// Any [`Error`] but a migration's.
    pub async fn execute_script(&self, sql: &str) -> Result<(), Error> {
        self.lease(Access::Write).await?.script(sql).await
    }

    /// Begins a transaction: `BEGIN IMMEDIATE` on SQLite's one writer, READ COMMITTED on the servers.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Contention`].
    pub async fn begin(&self) -> Result<Transaction, Error> {
        Transaction::begin(self.lease(Access::Write).await?, self.dialect()).await
    }

    /// The time by the server's clock, which all processes share; `None` on SQLite, whose clock is the process's own.
    ///
    /// # Errors
    /// Any [`Error`] but a migration's.
    pub async fn now(&self) -> Result<Option<DateTime<Utc>>, Error> {
        let clock = match self.dialect() {
            Dialect::Sqlite => return Ok(None),
            Dialect::Postgres => "clock_timestamp()",
            Dialect::MySql => "UTC_TIMESTAMP(6)",
        };
        let row = self.fetch_optional(Query::select().expr_as(Expr::cust(clock), "now")).await?;
        row.map(|row| row.get("now")).transpose()
    }

    /// What the pool is doing.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let size = self.0.pools.size();
        Stats {
            open: size.open,
            idle: size.idle,
            in_use: size.open.saturating_sub(size.idle),
            limit: size.limit,
            waiting: size.waiting,
            slow_queries: self.0.shared.monitor.slow_queries(),
        }
    }

    /// The circuit breaker before the server; SQLite has no server to lose.
    #[must_use]
    pub fn breaker(&self) -> Option<&Breaker> {
        self.0.shared.breaker.as_ref()
    }

    /// Closes all connections; statements in flight get five seconds. Later calls are [`Error::Unavailable`].
    pub async fn close(&self) {
        let _gave_up_waiting = timeout(CLOSE_WITHIN, self.0.pools.close()).await;
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.0.pools
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    /// A working connection, or a refusal within the acquire timeout.
    pub(crate) async fn lease(&self, access: Access) -> Result<Lease, Error> {
        let breaker = self.0.shared.breaker.as_ref();
        let permit = breaker.map(Breaker::acquire).transpose().map_err(outage::refused)?;
        let (turn, patience) = place_in_queue(self.0.shared.acquire_timeout);
        let begun = Instant::now();
        let lease = self.lease_until(turn, begun + patience, access);
        let lease = lease.instrument(trace_span!("db.acquire")).await;
        WaitBudget::spend(begun.elapsed());
        let metrics = &self.0.shared.monitor.metrics;
        metrics.wait.with([]).observe_duration(begun.elapsed());
        if let Err(error) = &lease {
            metrics.failed(error);
        }
        if let Some(permit) = permit {
            match &lease {
                Ok(_) => permit.succeeded(),
                // Without a verdict: whatever speaks against the server has tripped the breaker already.
                Err(_) => drop(permit),
            }
        }
        lease
    }

    /// A working connection by `deadline`.
    pub(crate) async fn lease_until(
        &self,
        turn: Turn,
        deadline: Instant,
        access: Access,
    ) -> Result<Lease, Error> {
        let Inner { pools, shared, .. } = &*self.0;
        let pool = pools.of(access);
        loop {
            let slot = pool.acquire(turn, deadline).await.map_err(|refusal| match refusal {
                Refusal::Late => {
                    shared.monitor.metrics.refused.with([]).increment();
                    Error::unavailable(pool.shortage())
                }
                Refusal::Lost(reason) => Error::unavailable(&*reason),
                Refusal::Closed => Error::unavailable("the pool is closed"),
            })?;
            let mut lease = Lease::new(slot, shared);
            match lease.ping().await {
                Ok(()) => return Ok(lease),
                // It was closed while it was idle, as after a restart, or others are answered: the next one may be well.
                Err(_) if Instant::now() < deadline && !lease.found_it_lost() => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Runs a statement. One whose prepared form is no longer valid is prepared and run anew: nothing has happened yet.
    async fn run(&self, statement: &impl Statement, access: Access, wanted: Wanted) -> Result<Done, Error> {
        let built = statement.render(self.dialect())?;
        let mut lease = self.lease(access).await?;
        let done = lease.run(built, wanted).await;
        if done.is_err() && lease.prepared_anew().await {
            return lease.run(statement.render(self.dialect())?, wanted).await;
        }
        done
    }
}

impl Stats {
    /// Sets the gauges of the pool.
    fn show(&self, gauges: &Metrics) {
        for (state, connections) in [("idle", self.idle), ("in_use", self.in_use), ("max", self.limit)] {
            gauges.connections.with([state]).set(connections.into());
        }
        gauges.waiting.with([]).set(self.waiting.into());
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.0.place)
    }
}

/// A request that has had a connection before comes before new ones, and all its waits share one budget.
fn place_in_queue(acquire_timeout: Duration) -> (Turn, Duration) {
    match WaitBudget::current() {
        Some(budget) if budget.is_used() => (Turn::Resumed, budget.left().min(acquire_timeout)),
        Some(budget) => (Turn::New, budget.left().min(acquire_timeout)),
        None => (Turn::New, acquire_timeout),
    }
}

fn access(statement: &impl Statement) -> Access {
    if statement.only_reads() { Access::Read } else { Access::Write }
}
