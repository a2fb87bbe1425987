//! How long one request may wait for shared resources.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use pin_project_lite::pin_project;

thread_local! {
    /// The budget of the request whose future is polled on this thread.
    static CURRENT: Cell<Option<WaitBudget>> = const { Cell::new(None) };
}

/// Total time that one request may spend waiting for shared resources, such as database connections.
///
/// Without it each call waits for as long as its own limit, and a request that makes five calls waits five times as long.
/// The server opens a budget for each request ([`WaitBudget::cover`]); whatever makes a caller wait asks for
/// [`WaitBudget::current`] and reports the time ([`WaitBudget::spend`]). Work outside of a request has no budget.
///
/// The budget follows the request's future, as the current tracing span does. A task that the request spawns has none.
///
/// ```
/// use std::time::Duration;
/// use palisade_core::WaitBudget;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// WaitBudget::new(Duration::from_secs(3)).cover(async {
///     WaitBudget::spend(Duration::from_secs(1));
///     let budget = WaitBudget::current().unwrap();
///     assert_eq!(budget.left(), Duration::from_secs(2));
///     assert!(budget.is_used());
/// }).await;
/// assert_eq!(WaitBudget::current(), None);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitBudget {
    left: Duration,
    used: bool,
}

impl WaitBudget {
    /// A budget of which nothing is spent.
    #[must_use]
    pub const fn new(total: Duration) -> Self {
        Self { left: total, used: false }
    }

    /// Runs `future` under this budget.
    pub fn cover<F: Future>(self, future: F) -> Covered<F> {
        Covered { future, budget: Some(self) }
    }

    /// The budget of the future that is being polled.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.get()
    }

    /// Takes `waited` from the current budget, if there is one, and marks it as used.
    pub fn spend(waited: Duration) {
        let spent = CURRENT.get().map(|budget| Self { left: budget.left.saturating_sub(waited), used: true });
        CURRENT.set(spent);
    }

    /// Time that may still be spent.
    #[must_use]
    pub const fn left(&self) -> Duration {
        self.left
    }

    /// Whether the request has got a resource before, so that refusing it now would waste work.
    #[must_use]
    pub const fn is_used(&self) -> bool {
        self.used
    }
}

pin_project! {
    /// A future under a budget, made by [`WaitBudget::cover`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Covered<F> {
        #[pin]
        future: F,
        budget: Option<WaitBudget>,
    }
}

impl<F: Future> Future for Covered<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _restored = Swapped::new(this.budget);
        this.future.poll(cx)
    }
}

/// The current budget, swapped with another one; swapped back when dropped, by a panic too.
struct Swapped<'a> {
    stored: &'a mut Option<WaitBudget>,
}

impl<'a> Swapped<'a> {
    fn new(stored: &'a mut Option<WaitBudget>) -> Self {
        *stored = CURRENT.replace(*stored);
        Self { stored }
    }
}

impl Drop for Swapped<'_> {
    fn drop(&mut self) {
        *self.stored = CURRENT.replace(*self.stored);
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Polls `future` once.
    fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(std::task::Waker::noop()))
    }

    /// Waits once, and spends a second before and after.
    async fn two_waits() -> Option<WaitBudget> {
        WaitBudget::spend(SECOND);
        let mut first = true;
        poll_fn(|_| if std::mem::take(&mut first) { Poll::Pending } else { Poll::Ready(()) }).await;
        WaitBudget::spend(SECOND);
        WaitBudget::current()
    }

    #[test]
    fn each_request_spends_its_own_budget_across_its_waits() {
        let mut one = pin!(WaitBudget::new(3 * SECOND).cover(two_waits()));
        let mut other = pin!(WaitBudget::new(9 * SECOND).cover(two_waits()));
        assert!(poll_once(one.as_mut()).is_pending() && poll_once(other.as_mut()).is_pending());
        assert_eq!(WaitBudget::current(), None);
        let left = |polled: Poll<Option<WaitBudget>>| match polled {
            Poll::Ready(budget) => budget.map(|budget| (budget.left(), budget.is_used())),
            Poll::Pending => None,
        };
        assert_eq!(left(poll_once(one)), Some((SECOND, true)));
        assert_eq!(left(poll_once(other)), Some((7 * SECOND, true)));
    }

    #[test]
    fn more_than_the_budget_leaves_nothing() {
        let spent = WaitBudget::new(SECOND).cover(two_waits());
        let mut spent = pin!(spent);
        assert!(poll_once(spent.as_mut()).is_pending());
        let Poll::Ready(Some(budget)) = poll_once(spent) else { panic!("it ends at the second poll") };
        assert_eq!(budget.left(), Duration::ZERO);
    }

    #[test]
    fn a_panic_leaves_no_budget_behind() {
        let panicked = std::panic::catch_unwind(|| {
            let mut covered =
                pin!(WaitBudget::new(SECOND).cover(poll_fn(|_| -> Poll<()> { panic!("on purpose") })));
            poll_once(covered.as_mut())
        });
        assert!(panicked.is_err());
        assert_eq!(WaitBudget::current(), None);
    }
}
