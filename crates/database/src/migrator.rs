//! Applies the migrations of all domains, in one order, once.

mod history;
mod session;

use std::{fmt, time::Duration};

use tokio::time::Instant;

use crate::{Database, Dialect, Error, Migration, MigrationError, Migrations};
use history::Record;
use session::Session;

/// Brings a database to the schema that this program was built for.
///
/// Several processes may start at once: they take turns by a lock (PostgreSQL an advisory lock, MySQL `GET_LOCK`,
/// SQLite its write lock), and each migration is applied by one of them. Where the database allows it, each runs in
/// a transaction together with the record that it ran.
#[derive(Debug, Clone)]
pub struct Migrator {
    steps: Vec<Step>,
}

/// A migration with the domain it belongs to.
#[derive(Debug, Clone, Copy)]
struct Step {
    domain: &'static str,
    migration: &'static Migration,
}

/// A migration that waits to be applied. It shows as version, domain and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its version.
    pub version: i64,
    /// Whose it is.
    pub domain: &'static str,
    /// What it does.
    pub name: &'static str,
}

/// A migration that was applied now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Its version.
    pub version: i64,
    /// Whose it is.
    pub domain: &'static str,
    /// What it does.
    pub name: &'static str,
    /// How long it took.
    pub took: Duration,
}

/// Where a database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Versions that are applied, oldest first.
    pub applied: Vec<i64>,
    /// What waits, in order of application.
    pub pending: Vec<Pending>,
    /// Versions in the database that this program does not know: it is older than the one that applied them.
    /// That is allowed, so that a release can be rolled back.
    pub unknown: Vec<i64>,
}

impl Migrator {
    /// All migrations of these domains, merged by version.
    #[must_use]
    pub fn new(domains: Vec<&'static Migrations>) -> Self {
        let of_domain = |domain: &'static Migrations| {
            domain.files.iter().map(|migration| Step { domain: domain.domain, migration })
        };
        let mut steps: Vec<Step> = domains.into_iter().flat_map(of_domain).collect();
        steps.sort_by_key(|step| step.migration.version);
        Self { steps }
    }

    /// What waits to be applied, in order. Changes nothing.
    ///
    /// # Errors
    /// As [`Migrator::status`].
    pub async fn pending(&self, database: &Database) -> Result<Vec<Pending>, Error> {
        Ok(self.status(database).await?.pending)
    }

    /// Where the database stands. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Migration`] when history and program contradict each other: a file was changed after it had been
    /// applied, or one was interrupted half-way.
    pub async fn status(&self, database: &Database) -> Result<Status, Error> {
        self.check_versions()?;
        let records = history::read(database).await?;
        self.compare(database.dialect(), &records)
    }

    /// Applies what waits and tells what it applied.
    ///
    /// # Errors
    /// As [`Migrator::status`]; or the first migration that failed, after which none is tried.
    pub async fn run(&self, database: &Database) -> Result<Vec<Applied>, Error> {
        self.check_versions()?;
        let mut session = Session::open(database).await?;
        session.lock().await?;
        self.apply_all(&mut session, database).await
    }

    /// A text that differs whenever any migration of a dialect differs: the name of a ready-made test database.
    #[must_use]
    pub fn fingerprint(&self, dialect: Dialect) -> String {
        let all: Vec<String> = self
            .steps
            .iter()
            .map(|step| {
                format!("{} {}", step.migration.version, history::checksum(step.migration.sql(dialect)))
            })
            .collect();
        history::checksum(&all.join("\n"))
    }

    async fn apply_all(&self, session: &mut Session, database: &Database) -> Result<Vec<Applied>, Error> {
        session.create_table().await?;
        let mut applied = Vec::new();
        loop {
            // On SQLite and PostgreSQL the transaction is the lock, so the history is read anew within each one.
            session.begin().await?;
            let records = session.records().await?;
            self.compare(database.dialect(), &records)?;
            let Some(step) = self.steps.iter().find(|step| !is_applied(&records, step)) else {
                session.rollback().await?;
                return Ok(applied);
            };
            let started = Instant::now();
            session.apply(step, database.clock().now()).await?;
            applied.push(step.applied(started.elapsed()));
        }
    }

    fn check_versions(&self) -> Result<(), MigrationError> {
        let twice = self
            .steps
            .iter()
            .zip(self.steps.iter().skip(1))
            .find(|(one, next)| one.migration.version == next.migration.version);
        match twice {
            None => Ok(()),
            Some((one, next)) => Err(MigrationError::DuplicateVersion {
                version: one.migration.version,
                first: one.domain,
                second: next.domain,
            }),
        }
    }

    fn compare(&self, dialect: Dialect, records: &[Record]) -> Result<Status, Error> {
        for record in records {
            let step = self.steps.iter().find(|step| step.migration.version == record.version);
            record.check(dialect, step.map(|step| step.migration))?;
        }
        let known = |version: i64| self.steps.iter().any(|step| step.migration.version == version);
        let (applied, unknown) =
            records.iter().map(|record| record.version).partition(|version| known(*version));
        let pending =
            self.steps.iter().filter(|step| !is_applied(records, step)).map(Step::pending).collect();
        Ok(Status { applied, pending, unknown })
    }
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.version, self.domain, self.name)
    }
}

impl Step {
    const fn pending(&self) -> Pending {
        Pending { version: self.migration.version, domain: self.domain, name: self.migration.name }
    }

    const fn applied(&self, took: Duration) -> Applied {
        Applied { version: self.migration.version, domain: self.domain, name: self.migration.name, took }
    }
}

fn is_applied(records: &[Record], step: &Step) -> bool {
    records.iter().any(|record| record.version == step.migration.version)
}
