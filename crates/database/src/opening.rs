//! The first connection, which says precisely what is wrong, and the pools that begin with it.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::{
    DatabaseUrl, Error, Settings, capacity,
    connect::{Source, Sources, SqliteSources},
    connection::Connection,
    error::refused,
    lease::Lease,
    pool::{Limits, Pool},
    pools::Pools,
    shared::Shared,
    writable::takes_writes,
};

/// Opens the database once and makes its pools.
pub(crate) async fn open(
    url: &DatabaseUrl,
    settings: &Settings,
    shared: &Arc<Shared>,
) -> Result<Pools, Error> {
    match Sources::from_settings(url, settings).await? {
        Sources::Sqlite(sources) => open_file(url, settings, shared, *sources).await,
        Sources::Server(source) => {
            let within = settings.connect_timeout();
            let first = timeout(within, open_server(url, settings, shared, *source));
            first.await.unwrap_or_else(|_| {
                let ms = settings.connect_timeout_ms;
                Err(Error::unavailable(format!("{} did not answer in {ms} ms", url.redacted())))
            })
        }
    }
}

async fn open_server(
    url: &DatabaseUrl,
    settings: &Settings,
    shared: &Arc<Shared>,
    source: Source,
) -> Result<Pools, Error> {
    let first = first(url, &source).await?;
    let limits = Limits {
        connections: settings.connections(),
        open_within: open_within(settings),
        idle_timeout: Some(Duration::from_secs(settings.idle_timeout_seconds)),
        max_lifetime: Some(Duration::from_secs(settings.max_lifetime_seconds)),
    };
    let pool = Pool::new(source, url.redacted(), limits, shared, first);
    let slot = pool.acquire(palisade_resilience::Turn::New, tokio::time::Instant::now()).await;
    let slot = slot.map_err(|_| Error::unavailable("the first connection is gone"))?;
    let mut lease = Lease::new(slot, shared);
    match takes_writes(&mut lease, shared.dialect).await {
        Ok(()) => {}
        Err(Error::Unavailable { reason }) => {
            return Err(Error::unavailable(format!("{}: {reason}", url.redacted())));
        }
        Err(error) => return Err(error),
    }
    capacity::announce(&mut lease, shared.dialect, settings).await;
    drop(lease);
    Ok(Pools::Server(pool))
}

async fn open_file(
    url: &DatabaseUrl,
    settings: &Settings,
    shared: &Arc<Shared>,
    sources: SqliteSources,
) -> Result<Pools, Error> {
    let SqliteSources { writer, readers, file } = sources;
    let pool = async |source: Source, connections: u32| {
        let first = first(url, &source).await?;
        let open_within = open_within(settings);
        let limits = Limits { connections, open_within, idle_timeout: None, max_lifetime: None };
        Ok::<_, Error>(Pool::new(source, url.redacted(), limits, shared, first))
    };
    // In memory, the data lives as long as this one connection: it must never be closed and no second may be opened.
    let writer = pool(writer, 1).await?;
    let readers = match readers {
        None => Arc::clone(&writer),
        Some(readers) => pool(readers, settings.pool_size.max(1)).await?,
    };
    if let Some(file) = &file {
        file.is_in_place().await?;
    }
    Ok(Pools::Sqlite { writer, readers, file: file.map(Box::new) })
}

async fn first(url: &DatabaseUrl, source: &Source) -> Result<Connection, Error> {
    let place = url.redacted();
    let connection = source.open().await;
    connection.map_err(|error| refused(source.dialect(), &place, error).error)
}

/// An attempt ends before those who wait for it do, so that they learn why it failed.
const fn open_within(settings: &Settings) -> Duration {
    Duration::from_millis(settings.acquire_timeout_ms / 10 * 9)
}
