//! A deadline that moves on.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// A timer that is set once and moved on only when it fires, which costs far less than setting it for each
/// request. The deadlines it is asked about must not go back.
#[derive(Default)]
pub(super) struct Deadline(Option<Pin<Box<Sleep>>>);

impl Deadline {
    /// Whether `limit` has passed since `since`; wakes the task when it has. A limit beyond the end of time never
    /// passes.
    pub(super) fn has_passed(&mut self, since: Instant, limit: Duration, cx: &mut Context<'_>) -> bool {
        let Some(at) = since.checked_add(limit) else { return false };
        if self.0.as_ref().is_some_and(|timer| !timer.is_elapsed()) {
            // It wakes this task in any case, and then it is seen how much time is left.
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
