//! Servers that tests share.

use std::{env, sync::OnceLock};

use anyhow::Result;

use super::{MariaDb, Postgres, Redis};

/// Names a PostgreSQL server for tests, whose user may create databases. `testkit-servers` sets it.
pub const POSTGRES_VARIABLE: &str = "PALISADE_TEST_POSTGRES_URL";
/// Names a MySQL or MariaDB server for tests, whose user may create databases. `testkit-servers` sets it.
pub const MYSQL_VARIABLE: &str = "PALISADE_TEST_MYSQL_URL";
/// Names a Redis server for tests. `testkit-servers` sets it.
pub const REDIS_VARIABLE: &str = "PALISADE_TEST_REDIS_URL";

/// The shared PostgreSQL: the one that [`POSTGRES_VARIABLE`] names, else one that this process starts once.
///
/// # Panics
/// When PostgreSQL is not installed or does not start: a test that needs it has failed, not been skipped.
#[must_use]
pub fn postgres_url() -> String {
    static SERVER: OnceLock<Result<Postgres>> = OnceLock::new();
    url(POSTGRES_VARIABLE, &SERVER, Postgres::start, Postgres::url)
}

/// The shared MariaDB or MySQL: the one that [`MYSQL_VARIABLE`] names, else one that this process starts once.
///
/// # Panics
/// When MariaDB is not installed or does not start.
#[must_use]
pub fn mysql_url() -> String {
    static SERVER: OnceLock<Result<MariaDb>> = OnceLock::new();
    url(MYSQL_VARIABLE, &SERVER, MariaDb::start, MariaDb::url)
}

/// The shared Redis: the one that [`REDIS_VARIABLE`] names, else one that this process starts once. Tests keep apart
/// by prefixes of their own.
///
/// # Panics
/// When Redis is not installed or does not start.
#[must_use]
pub fn redis_url() -> String {
    static SERVER: OnceLock<Result<Redis>> = OnceLock::new();
    url(REDIS_VARIABLE, &SERVER, Redis::start, Redis::url)
}

/// A server in a static is never dropped; its supervisor ends it when this process ends.
#[expect(
    clippy::disallowed_methods,
    reason = "these variables are the tests' own, not settings of the product"
)]
#[expect(clippy::panic, reason = "a test without its server has failed")]
fn url<S>(
    variable: &str,
    server: &OnceLock<Result<S>>,
    start: fn() -> Result<S>,
    url: fn(&S) -> String,
) -> String {
    if let Ok(given) = env::var(variable) {
        return given;
    }
    match server.get_or_init(start) {
        Ok(server) => url(server),
        Err(error) => panic!("{error:#}"),
    }
}
