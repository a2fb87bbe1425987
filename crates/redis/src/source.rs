//! Where connections come from.

use std::any::Any;

use futures_util::future::{BoxFuture, try_join_all};
use redis::{AsyncConnectionConfig, Client, aio::MultiplexedConnection};

use crate::{Address, Error};

/// Commands that may wait for a connection's writer before callers wait for room: more than a process ever has in
/// flight on one connection, so that a caller's own time limit is the only thing that holds it up.
const QUEUE: usize = 1_024;

/// Makes connections, or lends them.
pub(crate) trait Source: Send + Sync {
    /// So many of them, or fewer where there are not so many to lend. The caller bounds how long that takes.
    fn open(&self, number: usize) -> BoxFuture<'_, Result<Vec<Opened>, Error>>;
}

/// A connection.
pub(crate) struct Opened {
    pub(crate) connection: MultiplexedConnection,
    /// What gives it back to its owner when dropped.
    pub(crate) _lent: Option<Box<dyn Any + Send + Sync>>,
}

/// Connections of our own.
pub(crate) struct Own {
    client: Client,
    config: AsyncConnectionConfig,
}

impl Own {
    pub(crate) fn new(address: Address) -> Result<Self, Error> {
        // The time limits are kept by the caller, so that one holds for all that a call does.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None)
            .set_pipeline_buffer_size(QUEUE);
        Ok(Self { client: Client::open(address.connection)?, config })
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }
}

impl Source for Own {
    fn open(&self, number: usize) -> BoxFuture<'_, Result<Vec<Opened>, Error>> {
        let opening = (0..number).map(|_| async {
            let connection = self.client.get_multiplexed_async_connection_with_config(&self.config).await?;
            Ok(Opened { connection, _lent: None })
        });
        Box::pin(try_join_all(opening))
    }
}
