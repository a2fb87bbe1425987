//! Why a command ended badly, as its user reads it.

use std::io::Write as _;

use palisade_database::Pending;

use crate::{exit::Exit, settings::Loaded};

/// A command's failure. Each maps to one exit code.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The settings are wrong; the text is the whole report.
    #[error("{0}")]
    Configuration(String),
    /// A setting reads well and leads nowhere.
    #[error("{key} {message}")]
    Setting {
        /// The setting, such as `database.url`.
        key: &'static str,
        /// What is wrong with it, without any secret.
        message: String,
    },
    /// The database lacks migrations that may not be applied here.
    #[error(
        "{} pending migration{} and this environment does not apply them at start:\n{}\nRun `api migrate`, or set \
         DATABASE_MIGRATE_ON_START=true.",
        .0.len(), if .0.len() == 1 { "" } else { "s" },
        .0.iter().map(|step| format!("  {step}")).collect::<Vec<_>>().join("\n")
    )]
    PendingMigrations(Vec<Pending>),
    /// A listener's address is not to be had.
    #[error("{0}")]
    Bind(String),
    /// Anything else.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

impl Failure {
    /// The exit code that tells a supervisor what happened.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Configuration(_) | Self::Setting { .. } => Exit::Configuration,
            Self::PendingMigrations(_) => Exit::PendingMigrations,
            Self::Bind(_) => Exit::Bind,
            Self::Other(_) => Exit::Failed,
        }
    }

    /// The same, in which a refused setting is a report that names where its value comes from.
    pub(crate) fn with_origin(self, loaded: &Loaded) -> Self {
        match self {
            Self::Setting { key, message } => Self::Configuration(loaded.reject(key, message).to_string()),
            other => other,
        }
    }

    /// Tells the user on standard error.
    pub(crate) fn report(&self) {
        // Nobody is left to tell when standard error itself is gone.
        let _ = writeln!(std::io::stderr().lock(), "error: {self}");
    }
}
