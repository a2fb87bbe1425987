//! A caller in the queue.

use std::time::Duration;

use tokio::{sync::oneshot, time::timeout};

use super::{AdmissionPermit, AdmissionQueue, QueueRefusal};

/// One caller's place in the queue. Dropping it leaves the queue; a permit that was given meanwhile is returned.
pub(super) struct Waiting<'a> {
    queue: &'a AdmissionQueue,
    ticket: u64,
    granted: oneshot::Receiver<AdmissionPermit>,
    /// Whether it may still stand in the queue.
    queued: bool,
}

impl<'a> Waiting<'a> {
    pub(super) const fn new(
        queue: &'a AdmissionQueue,
        ticket: u64,
        granted: oneshot::Receiver<AdmissionPermit>,
    ) -> Self {
        Self { queue, ticket, granted, queued: true }
    }

    /// Waits for the permit, for less than `patience` behind the line.
    pub(super) async fn permit(mut self, patience: Duration) -> Result<AdmissionPermit, QueueRefusal> {
        let behind_the_line = self.queue.0.bounds.overflow_wait.min(patience);
        if let Some(outcome) = self.granted_within(behind_the_line).await {
            return outcome;
        }
        let rest = patience.saturating_sub(behind_the_line);
        if rest.is_zero() || self.queue.queue().leave_overflow(self.ticket) {
            return Err(QueueRefusal::TimedOut);
        }
        self.granted_within(rest).await.unwrap_or(Err(QueueRefusal::TimedOut))
    }

    async fn granted_within(&mut self, limit: Duration) -> Option<Result<AdmissionPermit, QueueRefusal>> {
        let granted = timeout(limit, &mut self.granted).await.ok()?;
        self.queued = false;
        Some(granted.map_err(|_| QueueRefusal::Full))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.queued {
            self.queue.queue().leave(self.ticket);
        }
    }
}
