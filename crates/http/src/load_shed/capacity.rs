//! A semaphore whose permits cost one atomic operation each as long as there are enough of them.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Acquire, Ordering::Relaxed, Ordering::Release},
    },
    task::{Context, Poll, Waker},
};

use super::Bounds;

/// One request in flight, and one in the queue, as they are counted in the state.
const IN_FLIGHT: u64 = 1;
const QUEUED: u64 = 1 << 32;

/// How much can be taken on, and how much is. Its clones are the same capacity.
///
/// ```
/// use std::{num::NonZeroU32, time::Duration};
/// use palisade_http::load_shed::{Bounds, Capacity};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let capacity = Capacity::new(Bounds { in_flight: NonZeroU32::MIN, queued: 0, patience: Duration::ZERO });
/// let permit = capacity.take().unwrap();
/// assert_eq!(capacity.in_flight(), 1);
/// assert!(capacity.take().is_none() && capacity.wait().await.is_none());
/// drop(permit);
/// assert!(capacity.take().is_some());
/// assert_eq!(capacity.shed(), 1);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Capacity(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bounds: Bounds,
    /// Requests in flight in the lower half, queued ones in the upper. Both change together: while one is
    /// queued, everything is in flight that may be, so nobody overtakes and no permit lies idle.
    state: AtomicU64,
    shed: AtomicU64,
    /// The upper half of the state changes under this lock only.
    queue: Mutex<Queue>,
}

/// Who waits, by ticket. One that is not here any more has been given a permit.
#[derive(Debug, Default)]
struct Queue {
    next: u64,
    waiting: BTreeMap<u64, Option<Waker>>,
}

impl Capacity {
    /// A capacity with these bounds, nothing of it taken.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        let state = AtomicU64::new(0);
        Self(Arc::new(Inner { bounds, state, shed: AtomicU64::new(0), queue: Mutex::default() }))
    }

    /// The requests in flight.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        in_flight(self.0.state.load(Relaxed))
    }

    /// The requests that wait.
    #[must_use]
    pub fn queued(&self) -> u32 {
        queued(self.0.state.load(Relaxed))
    }

    /// How many requests have been refused so far.
    #[must_use]
    pub fn shed(&self) -> u64 {
        self.0.shed.load(Relaxed)
    }

    /// A permit, if there is one now and nobody waits for it.
    #[must_use]
    pub fn take(&self) -> Option<Permit<'_>> {
        let mut state = self.0.state.load(Relaxed);
        while self.has_room(state) {
            match self.0.state.compare_exchange_weak(state, state + IN_FLIGHT, Acquire, Relaxed) {
                Ok(_) => return Some(Permit(self)),
                Err(present) => state = present,
            }
        }
        None
    }

    /// A permit, after waiting in the queue for one if need be; none when the queue is full or the patience has
    /// run out. Dropping the future leaves the queue.
    pub async fn wait(&self) -> Option<Permit<'_>> {
        let admitted = match self.enqueue() {
            Place::Permit(permit) => return Some(permit),
            Place::Queue(waiting) => tokio::time::timeout(self.0.bounds.patience, waiting).await.ok(),
            Place::None => None,
        };
        if admitted.is_none() {
            self.count_refused();
        }
        admitted
    }

    /// Counts a request that was refused without asking for a permit.
    pub fn count_refused(&self) {
        self.0.shed.fetch_add(1, Relaxed);
    }

    /// A permit or a place in the queue, whichever there is.
    fn enqueue(&self) -> Place<'_> {
        let mut queue = self.queue();
        let mut state = self.0.state.load(Relaxed);
        loop {
            let place = match self.has_room(state) {
                true => IN_FLIGHT,
                false if queued(state) < self.0.bounds.queued => QUEUED,
                false => return Place::None,
            };
            match self.0.state.compare_exchange_weak(state, state + place, Acquire, Relaxed) {
                Ok(_) if place == IN_FLIGHT => return Place::Permit(Permit(self)),
                Ok(_) => break,
                Err(present) => state = present,
            }
        }
        let ticket = queue.next;
        queue.next += 1;
        queue.waiting.insert(ticket, None);
        Place::Queue(Waiting { capacity: self, ticket, done: false })
    }

    fn has_room(&self, state: u64) -> bool {
        queued(state) == 0 && in_flight(state) < self.0.bounds.in_flight.get()
    }

    /// Whether the holder of this ticket has been given a permit; if not, `waker` is called when it has.
    fn is_granted(&self, ticket: u64, waker: &Waker) -> bool {
        match self.queue().waiting.get_mut(&ticket) {
            Some(slot) => {
                slot.replace(waker.clone());
                false
            }
            None => true,
        }
    }

    /// Takes the ticket back, and the permit if one has been given for it.
    fn abandon(&self, ticket: u64) {
        let mut queue = self.queue();
        match queue.waiting.remove(&ticket) {
            Some(_) => drop(self.0.state.fetch_sub(QUEUED, Relaxed)),
            None => self.hand_on(queue),
        }
    }

    fn give_back(&self) {
        let mut state = self.0.state.load(Relaxed);
        while queued(state) == 0 {
            match self.0.state.compare_exchange_weak(state, state - IN_FLIGHT, Release, Relaxed) {
                Ok(_) => return,
                Err(present) => state = present,
            }
        }
        self.hand_on(self.queue());
    }

    /// Gives a permit to whoever has waited longest.
    #[cold]
    fn hand_on(&self, mut queue: MutexGuard<'_, Queue>) {
        let Some((_, waker)) = queue.waiting.pop_first() else {
            self.0.state.fetch_sub(IN_FLIGHT, Release);
            return;
        };
        self.0.state.fetch_sub(QUEUED, Release);
        drop(queue);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// No code that can panic runs under this lock.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Place<'a> {
    Permit(Permit<'a>),
    Queue(Waiting<'a>),
    None,
}

/// The right to have one request in flight, until it is dropped.
#[derive(Debug)]
#[must_use = "a permit that is dropped at once bounds nothing"]
pub struct Permit<'a>(&'a Capacity);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

/// Resolves to a permit when it is this one's turn. Dropped before, it leaves the queue; dropped between the
/// permit's being given and its being taken, it hands the permit on.
#[derive(Debug)]
struct Waiting<'a> {
    capacity: &'a Capacity,
    ticket: u64,
    done: bool,
}

impl<'a> Future for Waiting<'a> {
    type Output = Permit<'a>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit<'a>> {
        if !self.capacity.is_granted(self.ticket, cx.waker()) {
            return Poll::Pending;
        }
        self.done = true;
        Poll::Ready(Permit(self.capacity))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.capacity.abandon(self.ticket);
        }
    }
}

const fn in_flight(state: u64) -> u32 {
    state as u32
}

const fn queued(state: u64) -> u32 {
    (state >> 32) as u32
}
