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

use queue::{Entry, Queue};
use waiting::Waiting;

/// Semaphore for a scarce resource, such as the connections of a pool, with a queue that stays short under overload.
///
/// Callers that find no permit stand in a line, first in, first out. It holds as many callers as the resource serves in
/// [`QueueBounds::line_wait`], so whoever stands in it is served in about that time, however fast the resource is. More
/// callers are more work than the resource can do in time. Letting them all wait in order would only make every caller
/// late, so they wait behind the line by another rule:
///
/// - The newest caller takes the next place in the line. It is the one whose client is most likely still there.
/// - A caller gives up after [`QueueBounds::overflow_wait`], and the oldest at once when there is no room for one more.
///
/// Callers that say [`Turn::Resumed`] are served before new ones in either case: they have done part of their work,
/// which would be wasted.
///
/// This is the adaptive last in, first out of "Fail at Scale" (Maurer, ACM Queue 13(8), 2015). It needs no tuning to a
/// resource: it counts the callers it serves, and looks neither at latencies, which differ from call to call, nor at
/// error rates.
///
/// Clones share the permits and the queue.
///
/// ```
/// use std::time::Duration;
/// use palisade_resilience::{AdmissionQueue, QueueBounds, QueueRefusal, Turn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let bounds = QueueBounds {
///     line: 16,
///     line_wait: Duration::from_millis(250),
///     waiting: 1_024,
///     overflow_wait: Duration::from_millis(500),
/// };
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

/// Bounds of an [`AdmissionQueue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueBounds {
    /// Callers that the line always holds.
    pub line: u32,
    /// The line holds as many callers as got a permit from the queue in this time, if those are more.
    pub line_wait: Duration,
    /// Callers that wait, in the line and behind it together. Resumed callers are counted apart, by the same bound.
    pub waiting: u32,
    /// Longest wait behind the line.
    pub overflow_wait: Duration,
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
    /// Whether callers wait behind the line: more is asked of the resource than it can do.
    pub overflowing: bool,
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
        let entry = self.queue().enter(turn);
        let outcome = match entry {
            Entry::Admitted => return Ok(AdmissionPermit::new(self)),
            Entry::Queued { ticket, granted, evicted } => {
                // Its receiver learns of it by the closed channel.
                drop(evicted);
                Waiting::new(self, ticket, granted).permit(patience).await
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

    /// Gives a free permit to the next caller; whether there were both.
    fn grant_next(&self) -> bool {
        let next = self.queue().next();
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
