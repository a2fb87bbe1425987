//! Where callers wait for a connection, in the order in which they came.
//!
//! This is the one place where anybody waits for a connection of a pool: a limit on how long, or on how many, belongs
//! in [`Gate::enter`].

use std::{
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use tokio::{
    sync::{Notify, Semaphore},
    time::{Instant, timeout_at},
};

/// A queue of callers before the idle connections of one pool, first come, first served.
#[derive(Debug)]
pub(crate) struct Gate {
    /// One permit for each idle connection.
    idle: Semaphore,
    waiting: AtomicU32,
    /// Wakes everybody who waits when the server gives no connection and none is left.
    turned_away: Notify,
    reason: Mutex<Arc<str>>,
}

/// Why a caller does not get a connection.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Its time to wait is over.
    Late,
    /// There is no connection and none can be opened, for this reason.
    Lost(Arc<str>),
    /// The pool is closed.
    Closed,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            idle: Semaphore::new(0),
            waiting: AtomicU32::new(0),
            turned_away: Notify::new(),
            reason: Mutex::new(Arc::from("")),
        }
    }

    /// Waits until an idle connection belongs to this caller, at most until `deadline`. `on_wait` is called when there
    /// is none at once, after the caller counts as [waiting](Self::waiting).
    pub(crate) async fn enter(&self, deadline: Instant, on_wait: impl FnOnce()) -> Result<(), Refusal> {
        if let Ok(permit) = self.idle.try_acquire() {
            permit.forget();
            return Ok(());
        }
        let mut turned_away = pin!(self.turned_away.notified());
        turned_away.as_mut().enable();
        let _waiting = Waiting::count(&self.waiting);
        on_wait();
        let outcome = timeout_at(deadline, async {
            tokio::select! {
                biased;
                permit = self.idle.acquire() => match permit {
                    Ok(permit) => {
                        permit.forget();
                        Ok(())
                    }
                    Err(_) => Err(Refusal::Closed),
                },
                () = turned_away => Err(Refusal::Lost(self.reason())),
            }
        });
        outcome.await.unwrap_or(Err(Refusal::Late))
    }

    /// Lets one caller in: a connection is idle now.
    pub(crate) fn admit(&self) {
        self.idle.add_permits(1);
    }

    /// Takes back the permit of an idle connection; `false` when a caller has it already.
    pub(crate) fn withdraw(&self) -> bool {
        self.idle.try_acquire().map(tokio::sync::SemaphorePermit::forget).is_ok()
    }

    /// Sends everybody away who waits now.
    pub(crate) fn turn_away(&self, reason: &str) {
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = Arc::from(reason);
        self.turned_away.notify_waiters();
    }

    /// Sends everybody away, now and later.
    pub(crate) fn close(&self) {
        self.idle.close();
    }

    /// How many callers wait.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Acquire)
    }

    fn reason(&self) -> Arc<str> {
        Arc::clone(&self.reason.lock().unwrap_or_else(PoisonError::into_inner))
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
                gate.enter(later(), || {}).await.unwrap();
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
        let mut first = Box::pin(gate.enter(later(), || {}));
        let mut second = Box::pin(gate.enter(later(), || {}));
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        gate.admit();
        drop(first);
        second.await.unwrap();
    }

    #[tokio::test]
    async fn whoever_waits_is_sent_away_and_whoever_comes_later_is_not() {
        let gate = Gate::new();
        let mut waits = pin!(gate.enter(later(), || {}));
        assert!(waits.as_mut().now_or_never().is_none());
        gate.turn_away("nobody listens");
        assert!(matches!(waits.await, Err(Refusal::Lost(reason)) if &*reason == "nobody listens"));
        let mut later = pin!(gate.enter(later(), || {}));
        assert!(later.as_mut().now_or_never().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_at_the_deadline_and_with_the_pool() {
        let gate = Gate::new();
        assert!(matches!(gate.enter(later(), || {}).await, Err(Refusal::Late)));
        gate.close();
        assert!(matches!(gate.enter(later(), || {}).await, Err(Refusal::Closed)));
    }
}
