//! The section `database` of the settings.

use std::time::Duration;

use palisade_core::Secret;
use serde::{Deserialize, Serialize};

use crate::{DatabaseUrl, UrlError};

/// Where the database is and how much of it this process may use.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The database: `sqlite://data/palisade.db`, `sqlite::memory:`, `postgres://user:password@host/name` or
    /// `mysql://user:password@host/name`. Special characters in the password are percent-encoded. What a PostgreSQL URL
    /// leaves out is taken from libpq's variables (`PGUSER`, `PGPASSWORD`, `PGSSLMODE`).
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = ["APP_DATABASE_URL"], "x-default" = "sqlite://data/palisade.db")))]
    pub url: Secret,
    /// Connections at most under ordinary load; on SQLite, connections that read beside the one that writes.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 1000), extend("x-env-aliases" = ["APP_DATABASE_POOL_SIZE"])))]
    pub pool_size: u32,
    /// Further connections under peak load, closed again when they are not needed (PostgreSQL and MySQL). All processes
    /// together must stay below what the server allows: PostgreSQL 100 and MySQL 151, unless told otherwise.
    #[cfg_attr(feature = "settings", schemars(range(max = 1000), extend("x-env-aliases" = ["APP_DATABASE_MAX_OVERFLOW"])))]
    pub max_overflow: u32,
    /// How long a call waits for a connection, in milliseconds; then it answers 503.
    #[cfg_attr(feature = "settings", schemars(range(min = 10, max = 600_000)))]
    pub acquire_timeout_ms: u64,
    /// How long one attempt to connect at start may take, in milliseconds.
    #[cfg_attr(feature = "settings", schemars(range(min = 10, max = 600_000)))]
    pub connect_timeout_ms: u64,
    /// How long `serve` waits at start for a database that is not there yet (it refuses, is silent, takes no more
    /// connections), in seconds; then it ends with exit code 1. 0 does not wait.
    #[cfg_attr(feature = "settings", schemars(range(max = 86_400)))]
    pub startup_timeout_seconds: u64,
    /// How long one statement may run, in milliseconds; then the server ends it and the call answers 503.
    #[cfg_attr(feature = "settings", schemars(range(min = 10, max = 3_600_000)))]
    pub statement_timeout_ms: u64,
    /// How long an unused connection is kept, in seconds (PostgreSQL and MySQL).
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 86_400)))]
    pub idle_timeout_seconds: u64,
    /// A connection is replaced when it is this old, in seconds (PostgreSQL and MySQL), so that the load follows
    /// servers that are added or taken away behind the address.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 86_400)))]
    pub max_lifetime_seconds: u64,
    /// Prepared statements kept per connection. With 0, PostgreSQL needs no session: statements have no name, each runs
    /// in a transaction, and settings are made within it, as PgBouncer in transaction mode requires. MySQL, whose
    /// proxies keep statements apart, takes 0 for 100.
    #[cfg_attr(feature = "settings", schemars(range(max = 10_000)))]
    pub statement_cache_size: usize,
    /// A statement that takes longer than this, in milliseconds, is logged as `database.slow_query`.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 3_600_000), extend("x-env-aliases" = [
        {"name": "DATABASE_ECHO", "instead": "set DATABASE_SLOW_QUERY_MS=1 to have each statement logged that takes longer"},
        {"name": "APP_DATABASE_ECHO", "instead": "set DATABASE_SLOW_QUERY_MS=1 to have each statement logged that takes longer"}
    ])))]
    pub slow_query_ms: u64,
    /// Whether `serve` applies pending migrations; where it does not, it refuses to start with pending ones.
    #[cfg_attr(feature = "settings", schemars(extend("x-default-by-environment" = "on in local and test")))]
    pub migrate_on_start: Option<bool>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: Secret::new("sqlite://data/palisade.db"),
            pool_size: 10,
            max_overflow: 10,
            acquire_timeout_ms: 3_000,
            connect_timeout_ms: 5_000,
            startup_timeout_seconds: 60,
            statement_timeout_ms: 10_000,
            idle_timeout_seconds: 600,
            max_lifetime_seconds: 1_800,
            statement_cache_size: 100,
            slow_query_ms: 500,
            migrate_on_start: None,
        }
    }
}

impl Settings {
    /// The defaults with another database.
    #[must_use]
    pub fn for_url(url: impl Into<String>) -> Self {
        Self { url: Secret::new(url), ..Self::default() }
    }

    /// Reads the URL without connecting, so that a wrong one is reported with the other settings.
    ///
    /// # Errors
    /// Which part of the URL is wrong; never with the URL itself.
    pub fn parse_url(&self) -> Result<DatabaseUrl, UrlError> {
        DatabaseUrl::parse(self.url.expose())
    }

    /// Whether a pooler may lend the session to somebody else between two transactions.
    pub(crate) const fn shares_sessions(&self) -> bool {
        self.statement_cache_size == 0
    }

    /// The most connections this process has to a server.
    pub(crate) fn connections(&self) -> u32 {
        self.pool_size.saturating_add(self.max_overflow).max(1)
    }

    pub(crate) const fn acquire_timeout(&self) -> Duration {
        Duration::from_millis(self.acquire_timeout_ms)
    }

    pub(crate) const fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(crate) const fn statement_timeout(&self) -> Duration {
        Duration::from_millis(self.statement_timeout_ms)
    }
}
