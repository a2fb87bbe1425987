//! Queue of callers for the connections of one pool: the one place where a caller waits for a connection.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use palisade_resilience::{AdmissionPermit, AdmissionQueue, QueueBounds, Turn};
use tokio::{sync::Notify, time::Instant};

/// A caller in the line is served in a quarter of a second. The least line is what a slow database serves in a second.
/// All callers together are what a crowd of clients may hold in memory, and leave a quarter of the requests that a server
/// takes at a time by default to routes that need no database.
const QUEUE: QueueBounds = QueueBounds {
    line: 64,
    line_wait: Duration::from_millis(250),
    waiting: 3_072,
    overflow_wait: Duration::from_millis(500),
};

/// Queue before the idle connections of one pool.
#[derive(Debug)]
pub(crate) struct Gate {
    /// One permit for each idle connection.
    idle: AdmissionQueue,
    waiting: AtomicU32,
    closed: AtomicBool,
    /// Wakes every caller that waits when the server gives no connection and none is left, or the pool is closed.
    turned_away: Notify,
    reason: Mutex<Arc<str>>,
}

/// Why a caller does not get a connection.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It has waited for as long as it may, or too many callers wait.
    Late,
    /// There is no connection and none can be opened, for this reason.
    Lost(Arc<str>),
    /// The pool is closed.
    Closed,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            idle: AdmissionQueue::new(0, QUEUE),
            waiting: AtomicU32::new(0),
            closed: AtomicBool::new(false),
            turned_away: Notify::new(),
            reason: Mutex::new(Arc::from("")),
        }
    }

    /// Waits until an idle connection belongs to this caller, at most until `deadline`. `on_wait` is called when there
    /// is none at once, after the caller counts as [waiting](Self::waiting).
    pub(crate) async fn enter(
        &self,
        turn: Turn,
        deadline: Instant,
        on_wait: impl FnOnce(),
    ) -> Result<(), Refusal> {
        if let Some(permit) = self.idle.try_acquire() {
            permit.forget();
            return Ok(());
        }
        let mut turned_away = pin!(self.turned_away.notified());
        turned_away.as_mut().enable();
        if self.closed.load(Ordering::Acquire) {
            return Err(Refusal::Closed);
        }
        let _waiting = Waiting::count(&self.waiting);
        on_wait();
        let patience = deadline.saturating_duration_since(Instant::now());
        tokio::select! {
            biased;
            permit = self.idle.acquire(turn, patience) => match permit {
                Ok(permit) => {
                    permit.forget();
                    Ok(())
                }
                Err(_) => Err(Refusal::Late),
            },
            () = turned_away => Err(self.turned_away_because()),
        }
    }

    /// Lets one caller in: a connection is idle now.
    pub(crate) fn admit(&self) {
        self.idle.add_permit();
    }

    /// Takes back the permit of an idle connection; `false` when a caller has it already.
    pub(crate) fn withdraw(&self) -> bool {
        self.idle.try_acquire().map(AdmissionPermit::forget).is_some()
    }

    /// Sends everybody away who waits now.
    pub(crate) fn turn_away(&self, reason: &str) {
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = Arc::from(reason);
        self.turned_away.notify_waiters();
    }

    /// Sends everybody away, now and later.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.turned_away.notify_waiters();
    }

    /// How many callers wait.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Acquire)
    }

    fn turned_away_because(&self) -> Refusal {
        match self.closed.load(Ordering::Acquire) {
            true => Refusal::Closed,
            false => Refusal::Lost(Arc::clone(&self.reason.lock().unwrap_or_else(PoisonError::into_inner))),
        }
    }
}

/// Counts one caller as waiting for as long as it lives.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn count(waiting: &'a AtomicU32) -> Self {
        waiting.fetch_add(1, Ordering::AcqRel);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::{FutureExt as _, future::join_all};

    use super::*;

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(3_600)
    }

    #[tokio::test]
    async fn callers_are_let_in_in_the_order_in_which_they_came() {
        let gate = Gate::new();
        let order = Mutex::new(Vec::new());
        let callers = join_all((0..5).map(|number| {
            let (gate, order) = (&gate, &order);
            async move {
                gate.enter(Turn::New, later(), || {}).await.unwrap();
                order.lock().unwrap().push(number);
            }
        }));
        let mut callers = pin!(callers);
        assert!(callers.as_mut().now_or_never().is_none());
        assert_eq!(gate.waiting(), 5);
        (0..5).for_each(|_| gate.admit());
        callers.await;
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
        assert_eq!(gate.waiting(), 0);
    }

    #[tokio::test]
    async fn a_caller_that_gives_up_leaves_its_connection_to_the_next() {
        let gate = Gate::new();
        let mut first = Box::pin(gate.enter(Turn::New, later(), || {}));
        let mut second = Box::pin(gate.enter(Turn::New, later(), || {}));
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        gate.admit();
        drop(first);
        second.await.unwrap();
    }

    #[tokio::test]
    async fn whoever_waits_is_sent_away_and_whoever_comes_later_is_not() {
        let gate = Gate::new();
        let mut waits = pin!(gate.enter(Turn::New, later(), || {}));
        assert!(waits.as_mut().now_or_never().is_none());
        gate.turn_away("nobody listens");
        assert!(matches!(waits.await, Err(Refusal::Lost(reason)) if &*reason == "nobody listens"));
        let mut later = pin!(gate.enter(Turn::New, later(), || {}));
        assert!(later.as_mut().now_or_never().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_at_the_deadline_and_with_the_pool() {
        let gate = Gate::new();
        assert!(matches!(gate.enter(Turn::New, later(), || {}).await, Err(Refusal::Late)));
        gate.close();
        assert!(matches!(gate.enter(Turn::New, later(), || {}).await, Err(Refusal::Closed)));
    }
}
