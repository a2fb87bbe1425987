//! Connections that a deadpool pool lends.

use std::sync::Arc;

use deadpool::managed::{Manager, Object, Pool, PoolError};
use futures_util::future::{BoxFuture, try_join_all};
use palisade_telemetry::metrics::Telemetry;
use redis::{RedisError, aio::MultiplexedConnection};

use crate::{
    Error, Redis, Settings, UrlError,
    link::Connector,
    source::{Opened, Source},
};

impl Redis {
    /// A handle over connections of a pool that the service already has: a `deadpool_redis::Pool` or
    /// `deadpool_redis::sentinel::Pool`. Of the settings, `pool_size` says how many connections it borrows, at most half
    /// of the pool's and at least one; `url` is for subscriptions alone.
    ///
    /// The connections are borrowed for as long as the server is there, not for each call, and carry any number of
    /// calls at once: the pool would ask the server before it lends one. A pool that has none left within
    /// `connect_timeout_ms` counts as a lost server, and is asked again.
    ///
    /// # Errors
    /// When the URL is wrong.
    pub async fn from_deadpool<M, W>(
        pool: Pool<M, W>,
        settings: &Settings,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Result<Self, UrlError>
    where
        M: Manager<Error = RedisError> + 'static,
        W: From<Object<M>> + AsRef<MultiplexedConnection> + Send + Sync + 'static,
    {
        let address = settings.parse_url()?;
        let place = address.as_ref().map_or_else(|| "a deadpool pool".to_owned(), ToString::to_string);
        let connector = Connector::lent(Lender(pool), address, settings);
        Ok(Self::start(place, connector.map_err(|_| UrlError::Malformed)?, settings, telemetry).await)
    }
}

struct Lender<M: Manager, W: From<Object<M>>>(Pool<M, W>);

impl<M, W> Source for Lender<M, W>
where
    M: Manager<Error = RedisError> + 'static,
    W: From<Object<M>> + AsRef<MultiplexedConnection> + Send + Sync + 'static,
{
    fn open(&self, number: usize) -> BoxFuture<'_, Result<Vec<Opened>, Error>> {
        // The service goes on using the pool.
        let most = (self.0.status().max_size / 2).max(1);
        let lending = (0..number.min(most)).map(|_| async {
            let lent = self.0.get().await?;
            Ok(Opened { connection: lent.as_ref().clone(), _lent: Some(Box::new(lent)) })
        });
        Box::pin(try_join_all(lending))
    }
}

impl From<PoolError<RedisError>> for Error {
    fn from(error: PoolError<RedisError>) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            other => Self::Broken(format!("the pool lends no connection: {other}")),
        }
    }
}
