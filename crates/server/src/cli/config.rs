//! `api config`: what the settings are, where each comes from, what is wrong with them.

use crate::print::print;
use crate::{exit::Exit, failure::Failure, program::Program};

/// What to do with the settings.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check everything; exits 2 with a report of all problems
    Check,
    /// Show every setting with its origin; secrets are not shown
    Dump,
    /// Tell everything about one setting, or about a table of them
    Explain {
        /// Any of its names: `server.port`, `SERVER_PORT`; or a table: `server`
        key: String,
    },
}

pub(super) fn run(program: &Program, command: &Command, overrides: &[String]) -> Result<Exit, Failure> {
    let loaded = program.load_settings(overrides)?;
    match command {
        Command::Check => {
            loaded.notes.iter().for_each(|note| print(&format!("note: {note}")));
            print(&format!("the configuration is good ({})", loaded.environment));
        }
        Command::Dump => print(loaded.dump().trim_end()),
        Command::Explain { key } => {
            let unknown = || {
                let meant = loaded.schema().suggest(key).map(|name| format!("; did you mean `{name}`?"));
                Failure::Configuration(format!("there is no setting `{key}`{}", meant.unwrap_or_default()))
            };
            let setting = loaded.explain(key).map(|setting| setting.to_string());
            let table = || loaded.explain_table(key).map(|table| table.to_string());
            print(setting.or_else(table).ok_or_else(unknown)?.trim_end());
        }
    }
    Ok(Exit::Clean)
}
