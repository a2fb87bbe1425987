//! Health check of the database: whether it answers and takes writes.

use std::{fmt::Write as _, time::Duration};

use palisade_resilience::Turn;
use sea_query::{Expr, ExprTrait as _, Query};
use tokio::time::{Instant, timeout_at};

use crate::{
    Database, Dialect, Error, Row,
    connect::File,
    connection::{Connection, Wanted},
    error::classify,
    pools::{Access, Pools},
    statement::sealed::Render as _,
    writable::takes_writes,
};

/// How long a check waits for a connection. Health checks have two seconds.
const CHECK_WITHIN: Duration = Duration::from_secs(1);
/// A probe comes before the crowd of callers: an overloaded database is no lost one.
const PROBE: Turn = Turn::Resumed;

impl Database {
    /// Whether requests can be served: the database answers within the acquire timeout and takes writes. It asks even
    /// while the database is thought to be lost. A pool whose connections are all in use and answered is well.
    ///
    /// A database that takes no writes has its connections replaced, so that a fail-over heals by itself. On SQLite the
    /// file is opened anew: one that was removed, replaced or damaged is noticed.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn check(&self) -> Result<(), Error> {
        let deadline = Instant::now() + CHECK_WITHIN.min(self.shared().acquire_timeout);
        match self.pools() {
            Pools::Sqlite { file: Some(file), .. } => self.check_file(file, deadline).await,
            Pools::Sqlite { .. } => {
                self.lease_until(PROBE, deadline, Access::Read).await?.script("SELECT 1").await
            }
            Pools::Server(_) => self.check_server(deadline).await,
        }
    }

    async fn check_server(&self, deadline: Instant) -> Result<(), Error> {
        let answers = self.shared().answers();
        match self.lease_until(PROBE, deadline, Access::Write).await {
            Ok(mut lease) => takes_writes(&mut lease, self.dialect()).await,
            // The others have all connections and get answers: the server is busy, not lost.
            Err(_) if self.shared().answers() != answers => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn check_file(&self, file: &File, deadline: Instant) -> Result<(), Error> {
        let place = file.is_in_place().await;
        if !matches!(place, Ok(true)) {
            self.pools().retire();
        }
        place?;
        let read = timeout_at(deadline, read_and_lock(file)).await;
        read.unwrap_or_else(|_| Err(Error::unavailable("the SQLite file does not answer")))
    }
}

/// Opens the file as a new process would, reads the first page of each table and takes the lock for writing.
async fn read_and_lock(file: &File) -> Result<(), Error> {
    let meaning_of = |error| classify(Dialect::Sqlite, error).error;
    let mut connection = file.probe.open().await.map_err(meaning_of)?;
    let outcome = read_tables(&mut connection).await;
    let outcome = match outcome {
        Ok(()) => connection.script("BEGIN IMMEDIATE; ROLLBACK").await.result.map_err(meaning_of),
        failed => failed,
    };
    connection.close(CHECK_WITHIN).await;
    match outcome {
        // Somebody else writes at this moment.
        Err(Error::Contention { .. }) => Ok(()),
        outcome => outcome,
    }
}

async fn read_tables(connection: &mut Connection) -> Result<(), Error> {
    let tables = Query::select()
        .column("name")
        .from("sqlite_master")
        .and_where(Expr::col("type").eq("table"))
        .to_owned();
    let tables = connection.run(tables.render(Dialect::Sqlite)?, Wanted::Rows).await;
    let tables = tables.map_err(|error| classify(Dialect::Sqlite, error).error)?.rows;
    let mut script = String::new();
    for table in tables.iter().map(|row: &Row| row.get::<String>("name")) {
        let _writing_to_text_succeeds =
            write!(script, "SELECT 1 FROM \"{}\" LIMIT 1; ", table?.replace('"', "\"\""));
    }
    connection.script(&script).await.result.map_err(|error| classify(Dialect::Sqlite, error).error)
}
