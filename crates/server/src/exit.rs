//! How the program ends, in numbers a supervisor can act on.

use std::process::ExitCode;

/// The exit codes of `api`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// A clean stop.
    Clean = 0,
    /// A crash, a failed command, or something outside that is not there yet.
    Failed = 1,
    /// Bad usage, or settings that can never work.
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
