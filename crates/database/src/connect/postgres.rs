//! PostgreSQL: options and what each session is set to.

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, PgPool, postgres::PgConnectOptions,
};
use url::Url;

use super::{option_names, server_pool};
use crate::{Error, Settings, UrlError};

pub(super) fn options(url: &Url, settings: &Settings) -> Result<PgConnectOptions, Error> {
    let options = PgConnectOptions::from_url(url).map_err(|_| UrlError::WrongOption(option_names(url)))?;
    let options = match options.get_application_name() {
        None => options.application_name("palisade"),
        Some(_) => options,
    };
    Ok(options.statement_cache_capacity(settings.statement_cache_size).disable_statement_logging())
}

pub(super) fn pool(options: PgConnectOptions, settings: &Settings) -> PgPool {
    let session = session(settings);
    server_pool(settings)
        .after_connect(move |connection: &mut PgConnection, _| {
            let session = session.clone();
            Box::pin(async move { prepare(connection, session).await })
        })
        .connect_lazy_with(options)
}

pub(super) async fn check(options: &PgConnectOptions, settings: &Settings) -> Result<(), sqlx::Error> {
    let mut connection = options.connect().await?;
    prepare(&mut connection, session(settings)).await?;
    connection.close().await
}

async fn prepare(connection: &mut PgConnection, session: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(session)).execute(connection).await.map(|_| ())
}

/// The server ends a statement itself a little before this side stops waiting, so that silence means a lost server.
fn session(settings: &Settings) -> String {
    format!("SET statement_timeout = {}", settings.statement_timeout_ms)
}
