//! The database servers that tests share, as their administrator sees them.

use std::sync::Arc;

use anyhow::{Context, Result};
use palisade_core::SystemClock;
use palisade_database::Database;
use palisade_telemetry::metrics::Off;

use super::settings;

/// Runs SQL on a connection of its own.
pub(super) async fn run(url: &str, sql: &str) -> Result<()> {
    let database = Database::connect(&settings(url), Arc::new(SystemClock), &Off::shared()).await?;
    let done = database.execute_script(sql).await;
    database.close().await;
    Ok(done?)
}

/// The same server, another database.
pub(super) fn with_database(url: &str, name: &str) -> Result<String> {
    let mut url = url::Url::parse(url).context("the test server's URL")?;
    url.set_path(name);
    Ok(url.into())
}
