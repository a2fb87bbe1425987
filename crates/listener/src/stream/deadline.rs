//! A timer for deadlines that move forward.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// A timer that is re-armed only when it fires, which is much cheaper than re-arming it for each request. Deadlines must
/// not move backwards.
#[derive(Default)]
pub(super) struct Deadline(Option<Pin<Box<Sleep>>>);

impl Deadline {
    /// Whether `limit` has passed since `since`. Otherwise wakes the task by then. A deadline that overflows `Instant`
    /// never passes.
    pub(super) fn has_passed(&mut self, since: Instant, limit: Duration, cx: &mut Context<'_>) -> bool {
        let Some(at) = since.checked_add(limit) else { return false };
        if self.0.as_ref().is_some_and(|timer| !timer.is_elapsed()) {
            // The timer wakes this task, and the next call compares with the new deadline.
            return false;
        }
        let timer = self.0.get_or_insert_with(|| Box::pin(sleep_until(at)));
        while let Poll::Ready(()) = timer.as_mut().poll(cx) {
            if timer.deadline() >= at {
                return true;
            }
            timer.as_mut().reset(at);
        }
        false
    }
}
