//! `api migrate`.

use std::sync::Arc;

use palisade_database::Startup;
use palisade_telemetry::metrics::Off;

use crate::{
    exit::Exit, failure::Failure, foundation, migration::not_migrated, print::print, program::Program,
    runtime::runtime, settings::Settings,
};

/// Apply or only look.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[arg(value_enum, default_value = "run")]
    action: Action,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Action {
    /// Apply what is pending; safe with several at once
    Run,
    /// Show what is applied and what is pending; exits 3 when something is pending
    Status,
}

pub(super) fn run(program: &Program, arguments: &Arguments, settings: &Settings) -> Result<Exit, Failure> {
    runtime()?.block_on(async {
        let (clock, telemetry) = (Arc::clone(&program.facts.clock), Off::shared());
        let startup = &mut Startup::without_waiting();
        let database = foundation::connect(settings, clock, &telemetry, startup).await?;
        let migrator = program.migrator();
        let exit = match arguments.action {
            Action::Run => {
                let applied = migrator.run(&database).await.map_err(not_migrated)?;
                for step in &applied {
                    print(&format!(
                        "applied {} {} {} in {:.0?}",
                        step.version, step.domain, step.name, step.took
                    ));
                }
                if applied.is_empty() {
                    print("nothing to apply");
                }
                Exit::Clean
            }
            Action::Status => {
                let status = migrator.status(&database).await.map_err(not_migrated)?;
                print(&format!("{} applied", status.applied.len()));
                for version in &status.unknown {
                    print(&format!("unknown {version} (applied by a newer release)"));
                }
                for step in &status.pending {
                    print(&format!("pending {step}"));
                }
                if status.pending.is_empty() { Exit::Clean } else { Exit::PendingMigrations }
            }
        };
        database.close().await;
        Ok(exit)
    })
}
