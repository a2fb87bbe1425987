//! A database per test.

mod every;
mod place;
mod server;
mod template;

use std::{sync::Arc, thread};

use anyhow::{Context, Result};
use palisade_core::SystemClock;
use palisade_database::{Database, Migrations, Migrator, Settings};
use palisade_telemetry::metrics::Off;

pub use every::run;
pub use palisade_database::Dialect;
use place::Place;

/// An empty database with the schema of the migrations it was made with. It is dropped when this value is.
pub struct TestDatabase {
    database: Database,
    url: String,
    place: Place,
}

impl TestDatabase {
    /// A new SQLite file.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn sqlite(migrations: &[&'static Migrations]) -> Self {
        Self::new(Dialect::Sqlite, migrations).await
    }

    /// A new database on the shared PostgreSQL, copied from one that has the schema already.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn postgres(migrations: &[&'static Migrations]) -> Self {
        Self::new(Dialect::Postgres, migrations).await
    }

    /// A new database on the shared MariaDB or MySQL.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn mysql(migrations: &[&'static Migrations]) -> Self {
        Self::new(Dialect::MySql, migrations).await
    }

    /// One of each dialect.
    ///
    /// # Panics
    /// When one cannot be made.
    pub async fn all(migrations: &[&'static Migrations]) -> Vec<Self> {
        let mut all = Vec::new();
        for dialect in Dialect::ALL {
            all.push(Self::new(dialect, migrations).await);
        }
        all
    }

    /// A new database of a dialect.
    ///
    /// # Panics
    /// When it cannot be made.
    #[expect(clippy::panic, reason = "a test without its database has failed")]
    pub async fn new(dialect: Dialect, migrations: &[&'static Migrations]) -> Self {
        match Self::try_new(dialect, migrations).await {
            Ok(database) => database,
            Err(error) => panic!("a {dialect} database for this test: {error:#}"),
        }
    }

    async fn try_new(dialect: Dialect, migrations: &[&'static Migrations]) -> Result<Self> {
        let migrator = Migrator::new(migrations.to_vec());
        let place = Place::make(dialect, &migrator).await?;
        let url = place.url()?;
        let database = Database::connect(&settings(&url), Arc::new(SystemClock), &Off::shared()).await?;
        migrator.run(&database).await.context("migrating")?;
        Ok(Self { database, url, place })
    }

    /// The database, connected.
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// Its `DATABASE_URL`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its dialect.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.database.dialect()
    }

    /// Settings for a further connection to it.
    #[must_use]
    pub fn settings(&self) -> Settings {
        settings(&self.url)
    }
}

impl Drop for TestDatabase {
    /// Drops the database on a server. A thread of its own, because a drop cannot wait within the test's runtime.
    fn drop(&mut self) {
        let Some(removal) = self.place.removal() else { return };
        let done = thread::spawn(move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(removal.run())
        });
        // A database that stays is removed with its server.
        let _stays = done.join();
    }
}

/// Few connections, because many tests share a server; and patience, because they share a machine.
fn settings(url: &str) -> Settings {
    Settings {
        pool_size: 4,
        max_overflow: 4,
        acquire_timeout_ms: 15_000,
        connect_timeout_ms: 15_000,
        statement_timeout_ms: 30_000,
        ..Settings::for_url(url)
    }
}
