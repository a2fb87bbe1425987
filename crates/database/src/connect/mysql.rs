//! MySQL and MariaDB: options and what each session is set to.

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, MySqlConnection, MySqlPool,
    mysql::MySqlConnectOptions,
};
use url::Url;

use super::{option_names, server_pool};
use crate::{Error, Settings, UrlError};

pub(super) fn options(url: &Url, settings: &Settings) -> Result<MySqlConnectOptions, Error> {
    let options = MySqlConnectOptions::from_url(url).map_err(|_| UrlError::WrongOption(option_names(url)))?;
    Ok(options.statement_cache_capacity(settings.statement_cache_size).disable_statement_logging())
}

pub(super) fn pool(options: MySqlConnectOptions, settings: &Settings) -> MySqlPool {
    let session = session(settings);
    server_pool(settings)
        .after_connect(move |connection: &mut MySqlConnection, _| {
            let session = session.clone();
            Box::pin(async move { prepare(connection, session).await })
        })
        .connect_lazy_with(options)
}

pub(super) async fn check(options: &MySqlConnectOptions, settings: &Settings) -> Result<(), sqlx::Error> {
    let mut connection = options.connect().await?;
    prepare(&mut connection, session(settings)).await?;
    connection.close().await
}

async fn prepare(connection: &mut MySqlConnection, session: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(session)).execute(connection).await.map(|_| ())
}

/// The same isolation as PostgreSQL's default; refusal of values that would be cut; and the server ends a statement
/// itself a little before this side stops waiting. `/*M! … */` runs on MariaDB alone, and MariaDB skips `/*!507… */`
/// (MariaDB Server Documentation, "Comment Syntax").
fn session(settings: &Settings) -> String {
    let millis = settings.statement_timeout_ms;
    let seconds = millis.div_ceil(1_000).max(1);
    format!(
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
         SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), innodb_lock_wait_timeout = {seconds} \
         /*M!100101 , max_statement_time = {}.{:03} */ /*!50708 , max_execution_time = {millis} */",
        millis / 1_000,
        millis % 1_000
    )
}
