//! PostgreSQL: options and what each session is set to.

use sqlx::{AssertSqlSafe, ConnectOptions as _, postgres::PgConnectOptions};
use url::Url;

use super::option_names;
use crate::{Error, Settings, UrlError, connection::Connection};

pub(crate) struct Options {
    options: PgConnectOptions,
    /// What each session is set to; none where a pooler lends the session to somebody else between two transactions.
    session: Option<String>,
}

impl Options {
    pub(super) fn new(url: &Url, settings: &Settings) -> Result<Self, Error> {
        let options =
            PgConnectOptions::from_url(url).map_err(|_| UrlError::WrongOption(option_names(url)))?;
        let options = match options.get_application_name() {
            None => options.application_name("palisade"),
            Some(_) => options,
        };
        let options = options
            .statement_cache_capacity(settings.statement_cache_size)
            // It concerns results in text form, which nobody reads, and poolers refuse it.
            .extra_float_digits(None)
            .disable_statement_logging();
        let session = (!settings.shares_sessions()).then(|| {
            // The server ends a statement itself a little before this side stops waiting, so that silence means a lost
            // server.
            format!("SET statement_timeout = {}", settings.statement_timeout_ms)
        });
        Ok(Self { options, session })
    }

    pub(super) async fn open(&self) -> Result<Connection, sqlx::Error> {
        let mut live = self.options.connect().await?;
        if let Some(session) = &self.session {
            sqlx::raw_sql(AssertSqlSafe(session.as_str())).execute(&mut live).await?;
        }
        Ok(Connection::Postgres { live, unnamed: self.session.is_none() })
    }
}
