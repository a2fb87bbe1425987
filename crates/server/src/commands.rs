//! What commands of domains need.

use std::{io::Write as _, sync::Arc};

use anyhow::Context as _;
use palisade_database::Startup;

use crate::{
    base::Base, exit::Exit, failure::Failure, migration::not_migrated, observability::Observability,
    parts::Parts, program::Program, services::Services, settings::Settings,
};

/// Runs a command with the program's services, on a database that has all migrations.
///
/// # Errors
/// When the services cannot be made, migrations are pending, or the command fails.
pub fn run_with_services(
    program: &Arc<Program>,
    settings: Settings,
    command: impl AsyncFnOnce(&Services) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    runtime()?.block_on(async {
        let base = Arc::new(Base::new(Arc::clone(program), settings, Observability::off())?);
        let parts = Parts::start(base, &mut Startup::without_waiting()).await?;
        let database = parts.foundation.database();
        let pending = program.migrator().pending(database).await.map_err(not_migrated)?;
        if !pending.is_empty() {
            return Err(Failure::PendingMigrations(pending));
        }
        let outcome = command(&parts.services).await;
        database.close().await;
        outcome
    })
}

/// The runtime of a command that is not the server.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.context("the runtime does not start")?)
}

/// Writes a line to standard output. A reader that has gone away (`| head`) is no failure.
pub fn print(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
