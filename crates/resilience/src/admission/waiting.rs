//! A caller in the queue.

use std::time::Duration;

use tokio::{sync::oneshot, time::timeout};

use super::{AdmissionPermit, AdmissionQueue, QueueRefusal, Turn};

/// One caller's place in the queue. Dropping it leaves the queue; a permit that was given meanwhile is returned.
pub(super) struct Waiting<'a> {
    queue: &'a AdmissionQueue,
    turn: Turn,
    ticket: u64,
    granted: oneshot::Receiver<AdmissionPermit>,
}

impl<'a> Waiting<'a> {
    pub(super) const fn new(
        queue: &'a AdmissionQueue,
        turn: Turn,
        ticket: u64,
        granted: oneshot::Receiver<AdmissionPermit>,
    ) -> Self {
        Self { queue, turn, ticket, granted }
    }

    /// Waits for the permit, for less than `patience` while the queue is overloaded.
    pub(super) async fn permit(mut self, patience: Duration) -> Result<AdmissionPermit, QueueRefusal> {
        let short = self.queue.0.bounds.overloaded_wait.map_or(patience, |wait| wait.min(patience));
        if let Some(outcome) = self.granted_within(short).await {
            return outcome;
        }
        let rest = patience.saturating_sub(short);
        if rest.is_zero() || (self.turn == Turn::New && self.queue.is_overloaded()) {
            return Err(QueueRefusal::TimedOut);
        }
        self.granted_within(rest).await.unwrap_or(Err(QueueRefusal::TimedOut))
    }

    async fn granted_within(&mut self, limit: Duration) -> Option<Result<AdmissionPermit, QueueRefusal>> {
        let granted = timeout(limit, &mut self.granted).await.ok()?;
        Some(granted.map_err(|_| QueueRefusal::Full))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.queue.queue().leave(self.turn, self.ticket);
    }
}
