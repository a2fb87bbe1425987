//! From settings to pools.

mod mysql;
mod postgres;
mod sqlite;

use std::{future::Future, time::Duration};

use sqlx::pool::PoolOptions;
use tokio::time::timeout;
use url::Url;

use crate::{DatabaseUrl, Error, Settings, error::classify_connect, pools::Pools, url::Target};

/// Opens the database once, so that what is wrong is known now and precisely, and prepares its pool.
pub(crate) async fn connect(url: &DatabaseUrl, settings: &Settings) -> Result<Pools, Error> {
    match &url.0 {
        Target::SqliteMemory => sqlite::in_memory(settings).await,
        Target::SqliteFile { path, create } => sqlite::in_file(path, *create, settings).await,
        Target::Postgres(address) => {
            let options = postgres::options(address, settings)?;
            first(url, settings, postgres::check(&options, settings)).await?;
            Ok(Pools::Postgres(postgres::pool(options, settings)))
        }
        Target::MySql(address) => {
            let options = mysql::options(address, settings)?;
            first(url, settings, mysql::check(&options, settings)).await?;
            Ok(Pools::MySql(mysql::pool(options, settings)))
        }
    }
}

/// The first connection, made outside the pool: the pool hides why a connection fails behind its own timeout.
async fn first(
    url: &DatabaseUrl,
    settings: &Settings,
    check: impl Future<Output = Result<(), sqlx::Error>>,
) -> Result<(), Error> {
    let place = url.redacted();
    match timeout(settings.connect_timeout(), check).await {
        Ok(outcome) => outcome.map_err(|error| classify_connect(url.dialect(), &place, error)),
        Err(_) => {
            Err(Error::unavailable(format!("{place} did not answer in {} ms", settings.connect_timeout_ms)))
        }
    }
}

/// What the pools of both servers have in common. Connections are tested by [`Lease`](crate::lease::Lease), which
/// can tell a lost server from a busy pool.
fn server_pool<DB: sqlx::Database>(settings: &Settings) -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(settings.pool_size.saturating_add(settings.max_overflow).max(1))
        .min_connections(0)
        .acquire_timeout(settings.acquire_timeout())
        .idle_timeout(Duration::from_secs(settings.idle_timeout_seconds))
        .max_lifetime(Duration::from_secs(settings.max_lifetime_seconds))
        .test_before_acquire(false)
}

/// The options after `?`, without their values: the driver does not say which one it refuses.
fn option_names(url: &Url) -> String {
    url.query_pairs().map(|(key, _)| key.into_owned()).collect::<Vec<_>>().join(", ")
}
