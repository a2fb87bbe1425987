//! What can be wrong with migrations.

/// Why migrations cannot go on. Each text says what a person can do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// Two files have one version.
    #[error("migration {version} exists twice, in {first} and in {second}: give one of them a later version")]
    DuplicateVersion {
        /// The version.
        version: i64,
        /// One domain.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A file was edited after it had been applied.
    #[error(
        "migration {version} ({domain}: {name}) was changed after it had been applied: restore the file and write \
         the change as a new migration"
    )]
    Changed {
        /// The version.
        version: i64,
        /// Whose it is.
        domain: String,
        /// What it does.
        name: String,
    },
    /// MySQL was left in the middle of a file.
    #[error(
        "migration {version} ({domain}: {name}) was begun and not finished{}: put the schema right by hand, then \
         either set applied_at in its row of palisade_migrations (when it is now applied) or delete the row (when it is \
         now undone)",
        progress.map(|done| format!(", its first {done} statements took effect")).unwrap_or_default()
    )]
    Interrupted {
        /// The version.
        version: i64,
        /// Whose it is.
        domain: String,
        /// What it does.
        name: String,
        /// How many of its statements took effect, where that is known.
        progress: Option<i64>,
    },
    /// A file's statement was refused.
    #[error("migration {version} ({domain}: {name}) failed at its statement {statement}")]
    Failed {
        /// The version.
        version: i64,
        /// Whose it is.
        domain: &'static str,
        /// What it does.
        name: &'static str,
        /// Which statement of the file, from 1.
        statement: u64,
        /// What the database said.
        #[source]
        source: Box<crate::Error>,
    },
    /// Another process is migrating and does not finish.
    #[error("another process has been migrating this database for {seconds} s")]
    Locked {
        /// How long this one waited.
        seconds: u64,
    },
}
