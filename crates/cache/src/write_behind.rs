//! Writing to the cache now and to the source soon.

mod aside;
mod counters;
mod queue;
mod worker;

use std::{fmt, sync::Arc, time::Duration};

use palisade_core::Clock;
use palisade_resilience::Backoff;
use palisade_telemetry::metrics::Telemetry;
use serde::{Serialize, de::DeserializeOwned};
use tokio::{sync::Mutex, task::JoinSet, time::timeout};

pub use self::{
    aside::{Aside, FileAside, Record},
    counters::WriteBehindCounters,
    worker::{Sink, SinkError},
};
use self::{
    queue::Queue,
    worker::{Written, work},
};
use crate::{CacheKey, Error, Result, Typed, measured::Metrics};

/// What a [`WriteBehind`] is made of.
pub struct WriteBehindParts<V> {
    /// Where the values are cached.
    pub values: Typed<V>,
    /// Where they end up.
    pub sink: Arc<dyn Sink<V>>,
    /// Where those go that cannot be written.
    pub aside: Arc<dyn Aside>,
    /// How long to wait between attempts.
    pub backoff: Backoff,
    /// The time, for what is put aside.
    pub clock: Arc<dyn Clock>,
    /// The name under which it is measured how much waits.
    pub name: String,
    /// What measures it.
    pub telemetry: Arc<dyn Telemetry>,
}

/// How much waits, and how hard is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteBehindOptions {
    /// Keys that may wait to be written. Beyond, writes are refused.
    pub capacity: usize,
    /// Keys that are written at once.
    pub concurrency: usize,
    /// How often a write is tried before its value is put aside.
    pub attempts: u32,
    /// How long one attempt may take.
    pub timeout: Duration,
}

impl Default for WriteBehindOptions {
    /// 10,000 keys, four at once, eight attempts of up to 5 seconds.
    fn default() -> Self {
        Self { capacity: 10_000, concurrency: 4, attempts: 8, timeout: Duration::from_secs(5) }
    }
}

/// Writes go to the cache and return; the source follows.
///
/// For values of which the last one counts and a few seconds' loss in a crash can be borne: counters, positions, when
/// somebody was last seen. Of a key that is written often the source sees the newest value, once per write of its own.
///
/// - **Bounded**: so many keys wait and no more; a write beyond that is [`Error::QueueFull`].
/// - **In order**: of one key, one write is under way at a time, and never an older after a newer one. Several processes
///   that write one key have no order.
/// - **Tried again** with a backoff, each time with the newest value: the sink may see a value twice.
/// - **Never dropped in silence**: what cannot be written, or is left when time is up at the end, goes to [`Aside`] with
///   an error in the log.
/// - **Read your writes**: in this process [`get`](Self::get) gives what waits; others see it in the cache.
pub struct WriteBehind<V: Serialize> {
    values: Typed<V>,
    queue: Arc<Queue<V>>,
    written: Arc<Written<V>>,
    workers: Mutex<JoinSet<()>>,
    /// One writer of a key at a time, so that queue and cache see its values in the same order.
    turns: Box<[Mutex<()>]>,
}

/// Turns among which keys are spread.
const TURNS: usize = 64;

/// How a [`WriteBehind`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Values that were put aside because time was up.
    pub aside: usize,
}

impl<V> WriteBehind<V>
where
    V: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
{
    /// Starts the tasks that write. Must be called on a runtime; [`close`](Self::close) ends them.
    #[must_use]
    pub fn start(parts: WriteBehindParts<V>, options: WriteBehindOptions) -> Self {
        let WriteBehindParts { values, sink, aside, backoff, clock, name, telemetry } = parts;
        let queue = Arc::new(Queue::new(options.capacity));
        let pending = Metrics::new(&telemetry).write_behind_pending.with([&name]);
        let waiting = Arc::clone(&queue);
        telemetry.before_reading(Box::new(move || pending.set_count(waiting.counters().pending)));
        let written = Arc::new(Written { sink, aside, backoff, clock, options });
        let mut workers = JoinSet::new();
        for _ in 0..options.concurrency.max(1) {
            workers.spawn(work(Arc::clone(&queue), Arc::clone(&written)));
        }
        let turns = (0..TURNS).map(|_| Mutex::new(())).collect();
        Self { values, queue, written, workers: Mutex::new(workers), turns }
    }

    /// Writes a value.
    ///
    /// # Errors
    /// [`Error::QueueFull`] when too many keys wait, [`Error::Unavailable`] after [`close`](Self::close),
    /// [`Error::InvalidKey`]; [`Error::Unencodable`] is found before anything is written.
    pub async fn put(&self, id: impl fmt::Display, value: &V) -> Result<()> {
        let key = self.values.key(id)?;
        let (caching, recipe) = (self.values.caching(), self.values.recipe());
        // First: what has no encoded form could not be put aside either, and must not be taken.
        let entry = caching.entry(key.clone(), value, recipe)?;
        let _turn = self.turn(&key).await;
        self.queue.push(key, value.clone())?;
        caching.keep(vec![entry]).await;
        Ok(())
    }

    /// The newest value: what waits to be written, or what is cached.
    ///
    /// # Errors
    /// [`Error::InvalidKey`].
    pub async fn get(&self, id: impl fmt::Display) -> Result<Option<V>> {
        let key = self.values.key(id)?;
        match self.queue.find(&key) {
            Some(value) => Ok(Some(value)),
            None => Ok(self.values.caching().get(&key).await),
        }
    }

    /// What has happened since the start, and what waits.
    #[must_use]
    pub fn counters(&self) -> WriteBehindCounters {
        self.queue.counters()
    }

    /// Takes no more, writes what waits, and puts aside what is not written after `within`.
    pub async fn close(&self, within: Duration) -> Closed {
        self.queue.close();
        let mut workers = self.workers.lock().await;
        let finished = timeout(within, async { while workers.join_next().await.is_some() {} }).await;
        if finished.is_err() {
            workers.shutdown().await;
        }
        Closed { aside: self.put_rest_aside() }
    }

    async fn turn(&self, key: &CacheKey) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let turn = usize::try_from(hasher.finish() % TURNS as u64).unwrap_or_default();
        match self.turns.get(turn) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }
}

impl<V: Serialize> WriteBehind<V> {
    fn put_rest_aside(&self) -> usize {
        let rest = self.queue.drain();
        for (key, value) in &rest {
            if let Err(error) = self.written.put_aside(key, value, "time was up at the end") {
                tracing::error!(key = %key, error = %error, "cache.write_lost");
            }
        }
        rest.len()
    }
}

impl<V: Serialize> Drop for WriteBehind<V> {
    fn drop(&mut self) {
        // Ends the workers; what they were at is still in the queue.
        self.workers.get_mut().abort_all();
        self.queue.close();
        self.put_rest_aside();
    }
}

impl<V: Serialize> fmt::Debug for WriteBehind<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteBehind").field("values", &self.values).finish_non_exhaustive()
    }
}

/// What a closed queue says.
fn closed() -> Error {
    Error::unavailable("no more writes are taken: it is being closed")
}
