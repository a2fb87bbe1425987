//! MySQL and MariaDB: options and what each session is set to.

use sqlx::{AssertSqlSafe, ConnectOptions as _, MySqlConnection, mysql::MySqlConnectOptions};
use url::Url;

use super::option_names;
use crate::{Error, Settings, UrlError};

/// Prepared statements kept where the settings say none. MySQL has no statement without a name, and each one that is
/// closed costs 40 ms with sqlx 0.9.0, which leaves Nagle's algorithm on (transact-rs/sqlx#4335). Poolers for MySQL
/// keep a client's statements apart, so that nothing speaks against keeping them.
const AT_LEAST: usize = 100;

pub(crate) struct Options {
    options: MySqlConnectOptions,
    session: String,
}

impl Options {
    pub(super) fn new(url: &Url, settings: &Settings) -> Result<Self, Error> {
        let options =
            MySqlConnectOptions::from_url(url).map_err(|_| UrlError::WrongOption(option_names(url)))?;
        let kept = match settings.statement_cache_size {
            0 => AT_LEAST,
            kept => kept,
        };
        let options = options.statement_cache_capacity(kept).disable_statement_logging();
        Ok(Self { options, session: session(settings) })
    }

    pub(super) async fn open(&self) -> Result<MySqlConnection, sqlx::Error> {
        let mut connection = self.options.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(self.session.as_str())).execute(&mut connection).await?;
        Ok(connection)
    }
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
