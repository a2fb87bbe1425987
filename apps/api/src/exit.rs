//! How the program ends, in numbers a supervisor can act on.

use std::process::ExitCode;

/// The exit codes of `api`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// A clean stop.
    Clean = 0,
    /// A crash or a failed command.
    Failed = 1,
    /// Bad usage or bad configuration.
    Configuration = 2,
    /// The database has pending migrations that may not be applied here.
    PendingMigrations = 3,
    /// A listener could not bind.
    Bind = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
