//! Carrying out the writes.

use std::{error::Error as StdError, sync::Arc};

use async_trait::async_trait;
use palisade_core::Clock;
use palisade_resilience::Backoff;
use serde::Serialize;
use tokio::time::{sleep, timeout};

use super::{Aside, Record, WriteBehindOptions, queue::Queue};
use crate::CacheKey;

/// Where the values of a [`WriteBehind`](super::WriteBehind) end up.
#[async_trait]
pub trait Sink<V>: Send + Sync + 'static {
    /// Keeps a value for good. It may come again, after an attempt of which nobody knows how it ended, and never after
    /// a newer one of the same key.
    ///
    /// # Errors
    /// [`SinkError::Transient`] to be asked again, [`SinkError::Permanent`] when that is of no use.
    async fn write(&self, key: &CacheKey, value: &V) -> Result<(), SinkError>;
}

/// Why a value was not kept.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// It may be, the next time.
    #[error("{0}")]
    Transient(Box<dyn StdError + Send + Sync>),
    /// It never will.
    #[error("{0}")]
    Permanent(Box<dyn StdError + Send + Sync>),
}

/// What it takes to write a value.
pub(super) struct Written<V> {
    pub(super) sink: Arc<dyn Sink<V>>,
    pub(super) aside: Arc<dyn Aside>,
    pub(super) backoff: Backoff,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) options: WriteBehindOptions,
}

impl<V: Serialize> Written<V> {
    pub(super) fn put_aside(&self, key: &CacheKey, value: &V, reason: &str) -> std::io::Result<()> {
        let value = serde_json::to_value(value)?;
        let at = self.clock.now();
        self.aside.keep(&Record { at, key: key.as_str().to_owned(), value, reason: reason.to_owned() })?;
        // Keys may name persons; the record has the whole of it.
        tracing::error!(namespace = key.namespace(), reason, "cache.write_put_aside");
        Ok(())
    }
}

/// Writes what waits until the queue is closed and empty.
pub(super) async fn work<V>(queue: Arc<Queue<V>>, written: Arc<Written<V>>)
where
    V: Serialize + Clone + Send + Sync + 'static,
{
    while let Some(key) = queue.next().await {
        write(&queue, &written, &key).await;
        queue.done(&key);
    }
}

/// Writes the newest value of a key, or puts it aside.
async fn write<V>(queue: &Queue<V>, written: &Written<V>, key: &CacheKey)
where
    V: Serialize + Clone + Send + Sync + 'static,
{
    let mut made = 0;
    let reason = loop {
        let Some(value) = queue.newest(key) else { return };
        let outcome = timeout(written.options.timeout, written.sink.write(key, &value)).await;
        made += 1;
        let reason = match outcome {
            Ok(Ok(())) => return queue.count(|counters| counters.written += 1),
            Ok(Err(SinkError::Permanent(error))) => {
                queue.count(|counters| counters.failed += 1);
                break error.to_string();
            }
            Ok(Err(SinkError::Transient(error))) => error.to_string(),
            Err(_) => format!("no answer within {:?}", written.options.timeout),
        };
        queue.count(|counters| counters.failed += 1);
        if made >= written.options.attempts {
            break reason;
        }
        tracing::debug!(namespace = key.namespace(), attempt = made, reason, "cache.write_failed");
        pause(queue, written, made - 1).await;
    };
    put_aside(queue, written, key, &reason).await;
}

/// Not dropped, whatever happens: a place to put things that has no room itself is asked until it has, or until the
/// queue's owner takes them over at the end.
async fn put_aside<V: Serialize + Clone>(
    queue: &Queue<V>,
    written: &Written<V>,
    key: &CacheKey,
    reason: &str,
) {
    let mut made = 0;
    loop {
        let Some(value) = queue.newest(key) else { return };
        match written.put_aside(key, &value, reason) {
            Ok(()) => return queue.count(|counters| counters.aside += 1),
            Err(error) => {
                tracing::error!(namespace = key.namespace(), error = %error, "cache.write_not_put_aside");
            }
        }
        sleep(written.backoff.bound(made)).await;
        made = made.saturating_add(1);
    }
}

/// Waits for the next attempt; at the end, the shortest wait that there is.
async fn pause<V>(queue: &Queue<V>, written: &Written<V>, retry: u32) {
    if queue.is_closed() {
        return sleep(written.backoff.delay(0)).await;
    }
    tokio::select! {
        () = sleep(written.backoff.delay(retry)) => {}
        () = queue.closing() => {}
    }
}
