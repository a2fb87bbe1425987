//! Semaphore whose queue stays short under overload.

mod queue;
mod waiting;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use queue::{Entry, Queue};
use waiting::Waiting;

/// Semaphore for a scarce resource, such as the connections of a pool, with a queue that stays short under overload.
///
/// Callers that find no permit wait in a bounded queue. While the queue empties now and then, it is first in, first out,
/// and a caller waits for as long as its own patience. A queue that has not been empty for [`STANDING`] holds more work
/// than the resource can do. Waiting would then only make every caller late, so the queue changes its rule:
///
/// - The newest caller is served first. It is the one whose client is most likely still there.
/// - A caller gives up after [`QueueBounds::overloaded_wait`]; when the queue is full, the oldest caller gives up at once.
///
/// Callers that say [`Turn::Resumed`] are served before new ones in either case: they have done part of their work,
/// which would be wasted.
///
/// This is the controlled delay (CoDel, RFC 8289) with adaptive last in, first out of "Fail at Scale" (Maurer, ACM Queue
/// 13(8), 2015). It needs no tuning to a resource: it looks at the queue alone, neither at latencies, which differ from
/// call to call, nor at error rates.
///
/// Clones share the permits and the queue.
///
/// ```
/// use std::time::Duration;
/// use palisade_resilience::{AdmissionQueue, QueueBounds, QueueRefusal, Turn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let bounds = QueueBounds { waiting: 16, overloaded_wait: Some(Duration::from_millis(500)) };
/// let queue = AdmissionQueue::new(1, bounds);
/// let permit = queue.acquire(Turn::New, Duration::from_secs(3)).await.unwrap();
/// assert_eq!(queue.acquire(Turn::New, Duration::ZERO).await.err(), Some(QueueRefusal::TimedOut));
/// drop(permit);
/// assert!(queue.acquire(Turn::New, Duration::ZERO).await.is_ok());
/// # }
/// ```
#[derive(Clone)]
pub struct AdmissionQueue(Arc<Inner>);

struct Inner {
    bounds: QueueBounds,
    queue: Mutex<Queue>,
    refused: AtomicU64,
}

/// How long a queue is never empty before it counts as overloaded: the interval of CoDel (RFC 8289 §4.2).
pub const STANDING: Duration = Duration::from_millis(100);

/// Bounds of an [`AdmissionQueue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueBounds {
    /// New callers that may wait, and resumed ones that may wait beside them.
    pub waiting: u32,
    /// Longest wait of a new caller while the queue is overloaded. Without it the queue is first in, first out whatever
    /// happens.
    pub overloaded_wait: Option<Duration>,
}

/// Whether a caller begins its work or has done part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The caller begins.
    New,
    /// The caller has held a permit before, for the same piece of work.
    Resumed,
}

/// Why there was no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueueRefusal {
    /// The queue was full.
    #[error("the queue is full")]
    Full,
    /// No permit became free in time.
    #[error("no permit became free in time")]
    TimedOut,
}

/// How an [`AdmissionQueue`] is used at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueCounters {
    /// Free permits.
    pub available: u32,
    /// Callers in the queue.
    pub waiting: u32,
    /// Callers refused since the start.
    pub refused: u64,
}

impl AdmissionQueue {
    /// A queue before `permits` free permits.
    #[must_use]
    pub fn new(permits: u32, bounds: QueueBounds) -> Self {
        let queue = Mutex::new(Queue::new(permits, bounds));
        Self(Arc::new(Inner { bounds, queue, refused: AtomicU64::new(0) }))
    }

    /// A permit, waited for in the queue if need be, for `patience` at most. Dropping the future leaves the queue.
    ///
    /// # Errors
    /// [`QueueRefusal::Full`] at once, or later for a caller that had to make room; [`QueueRefusal::TimedOut`].
    pub async fn acquire(&self, turn: Turn, patience: Duration) -> Result<AdmissionPermit, QueueRefusal> {
        let entry = self.queue().enter(turn, Instant::now());
        let outcome = match entry {
            Entry::Admitted => return Ok(AdmissionPermit::new(self)),
            Entry::Queued { ticket, granted, evicted } => {
                // Its receiver learns of it by the closed channel.
                drop(evicted);
                Waiting::new(self, turn, ticket, granted).permit(patience).await
            }
            Entry::Full => Err(QueueRefusal::Full),
        };
        if outcome.is_err() {
            self.0.refused.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    /// A permit if one is free and nobody waits for it.
    #[must_use]
    pub fn try_acquire(&self) -> Option<AdmissionPermit> {
        self.queue().take().then(|| AdmissionPermit::new(self))
    }

    /// Adds a free permit, as when the resource grows.
    pub fn add_permit(&self) {
        self.queue().add();
        while self.grant_next() {}
    }

    /// How it is used at the moment.
    #[must_use]
    pub fn counters(&self) -> QueueCounters {
        let refused = self.0.refused.load(Ordering::Relaxed);
        QueueCounters { refused, ..self.queue().counters() }
    }

    /// Whether the queue has not been empty for [`STANDING`].
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.queue().is_overloaded(Instant::now())
    }

    /// Gives a free permit to the next caller; whether there were both.
    fn grant_next(&self) -> bool {
        let next = self.queue().next(Instant::now());
        let Some(caller) = next else { return false };
        if let Err(unwanted) = caller.send(AdmissionPermit::new(self)) {
            // The caller left at this moment. Dropping the permit here would recurse once per such caller.
            unwanted.forget();
            self.queue().add();
        }
        true
    }

    /// No code that can panic runs under this lock.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to use the resource until it is dropped.
#[must_use = "dropping it lets the next caller in"]
pub struct AdmissionPermit(Option<AdmissionQueue>);

impl AdmissionPermit {
    fn new(queue: &AdmissionQueue) -> Self {
        Self(Some(queue.clone()))
    }

    /// Does not return the permit. Whoever owns the resource returns it by [`AdmissionQueue::add_permit`].
    pub fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for AdmissionPermit {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.add_permit();
        }
    }
}

impl fmt::Debug for AdmissionPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdmissionPermit")
    }
}

impl fmt::Debug for AdmissionQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdmissionQueue").field("counters", &self.counters()).finish_non_exhaustive()
    }
}
