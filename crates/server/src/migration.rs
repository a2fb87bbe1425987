//! Migrations at the start.

use palisade_database::{Migrator, Startup};

use crate::{failure::Failure, foundation};

/// Applies pending migrations where the settings say so, and refuses to serve with pending ones elsewhere.
pub(crate) async fn migrate(
    foundation: &foundation::Foundation,
    migrator: &Migrator,
    startup: &mut Startup,
) -> Result<(), Failure> {
    let database = foundation.database();
    if foundation.settings().migrate_on_start() {
        let applied = startup.attempt(async || migrator.run(database).await).await;
        for step in applied.map_err(not_migrated)? {
            let (version, domain, name) = (step.version, step.domain, step.name);
            tracing::info!(version, domain, name, "database.migrated");
        }
        return Ok(());
    }
    let status = startup.attempt(async || migrator.status(database).await).await;
    let status = status.map_err(not_migrated)?;
    if !status.unknown.is_empty() {
        tracing::warn!(versions = ?status.unknown, "database.newer_than_program");
    }
    match status.pending.is_empty() {
        true => Ok(()),
        false => Err(Failure::PendingMigrations(status.pending)),
    }
}

/// What a failure of the migrations means.
pub(crate) fn not_migrated(error: palisade_database::Error) -> Failure {
    match error {
        lost @ palisade_database::Error::Unavailable { .. } => foundation::refused(lost),
        error => anyhow::Error::from(error).context("the migrations failed").into(),
    }
}
