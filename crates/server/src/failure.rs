//! Why a command ended badly, as its user reads it.

use std::{
    error::Error,
    io::{self, ErrorKind, Write as _},
    iter::successors,
};

use palisade_database::Pending;
use palisade_listener::StartError;

use crate::{exit::Exit, services::Missing};

/// A command's failure. Each maps to one exit code.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The settings are wrong; the text is the whole report.
    #[error("{0}")]
    Configuration(String),
    /// A setting reads well and can never work.
    #[error("{key} {message}")]
    Setting {
        /// The setting, such as `database.url`.
        key: &'static str,
        /// What is wrong with it, without any secret.
        message: String,
    },
    /// What a setting names is not there, or not yet: the same settings may work later.
    #[error("{message}")]
    NotThere {
        /// The setting, such as `database.url`.
        key: &'static str,
        /// What is not there, without any secret.
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
            Self::NotThere { .. } | Self::Other(_) => Exit::Failed,
        }
    }

    /// What the setting `key` names cannot be used. Whether that can never work is decided by what the operating system
    /// said: a missing file stays missing, a full disk or a lack of open files does not stay so.
    pub(crate) fn unusable(key: &'static str, message: String, error: &(dyn Error + 'static)) -> Self {
        let mut causes = successors(Some(error), |&error| error.source());
        match causes.find_map(|error| error.downcast_ref::<io::Error>()).is_some_and(passes) {
            true => Self::NotThere { key, message: format!("{key} {message}") },
            false => Self::Setting { key, message },
        }
    }

    /// Tells the user on standard error.
    pub(crate) fn report(&self) {
        // Nobody is left to tell when standard error itself is gone.
        let _ = writeln!(io::stderr().lock(), "error: {self}");
    }
}

impl From<palisade_core::Error> for Failure {
    fn from(error: palisade_core::Error) -> Self {
        Self::Other(error.into())
    }
}

impl From<Missing> for Failure {
    fn from(missing: Missing) -> Self {
        Self::Other(missing.into())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self::Other(error.into())
    }
}

/// Whether an error of the operating system may be over when the program is started again.
fn passes(error: &io::Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::AlreadyExists
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidData
            | ErrorKind::UnexpectedEof
            | ErrorKind::Unsupported
            | ErrorKind::Other
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_of_the_machine_may_pass_and_a_missing_file_does_not() {
        let exit = |code| {
            let error = io::Error::from_raw_os_error(code);
            Failure::unusable("app.data_dir", "cannot be used".to_owned(), &error).exit()
        };
        let shortages = [nix::libc::ENOSPC, nix::libc::EMFILE, nix::libc::EIO, nix::libc::EDQUOT];
        assert_eq!(shortages.map(exit), [Exit::Failed; 4]);
        let settled = [nix::libc::ENOENT, nix::libc::EACCES, nix::libc::ENOTDIR, nix::libc::EROFS];
        assert_eq!(settled.map(exit), [Exit::Configuration; 4]);
    }
}
