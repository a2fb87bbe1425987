//! How long a call may take.

use std::{future::Future, pin::Pin, time::Duration};

use tokio::time::{Instant, timeout, timeout_at};

/// How long each attempt may take, and how long all of them together with the waits between them.
///
/// One future alone is bounded by [`within`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timeout {
    pub(crate) attempt: Option<Duration>,
    pub(crate) total: Option<Duration>,
}

/// Time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no answer within {limit:?}")]
pub struct TimedOut {
    /// The time there was.
    pub limit: Duration,
}

impl Timeout {
    /// No bound.
    #[must_use]
    pub const fn none() -> Self {
        Self { attempt: None, total: None }
    }

    /// The same with a bound on each attempt.
    #[must_use]
    pub const fn per_attempt(mut self, limit: Duration) -> Self {
        self.attempt = Some(limit);
        self
    }

    /// The same with a bound on all attempts and the waits between them.
    #[must_use]
    pub const fn in_all(mut self, limit: Duration) -> Self {
        self.total = Some(limit);
        self
    }

    /// When a call that begins now must be over.
    pub(crate) fn deadline(&self) -> Option<Deadline> {
        let limit = self.total?;
        // What cannot be told as a time is no bound.
        Some(Deadline { limit, at: Instant::now().checked_add(limit)? })
    }

    /// Awaits one attempt. Where attempts have no bound of their own that is shorter, `deadline` is one: a callee
    /// that hangs must not go unnoticed because its caller is cut off first.
    pub(crate) async fn attempt<T>(
        &self,
        deadline: Option<Deadline>,
        attempt: Pin<&mut impl Future<Output = T>>,
    ) -> Result<T, TimedOut> {
        match (self.attempt, deadline) {
            (own, Some(deadline)) if own.is_none_or(|own| own >= deadline.limit) => {
                deadline.bound(attempt).await
            }
            (Some(limit), _) => within(limit, attempt).await,
            (None, _) => Ok(attempt.await),
        }
    }
}

/// A moment at which a call must be over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    limit: Duration,
    at: Instant,
}

impl Deadline {
    /// Awaits `future` until then.
    pub(crate) async fn bound<T>(self, future: Pin<&mut impl Future<Output = T>>) -> Result<T, TimedOut> {
        timeout_at(self.at, future).await.map_err(|_| TimedOut { limit: self.limit })
    }

    /// Whether there is time for more than this wait.
    pub(crate) fn allows(self, wait: Duration) -> bool {
        wait < self.at.saturating_duration_since(Instant::now())
    }
}

/// Awaits `future` for as long as `limit`, then drops it.
///
/// # Errors
/// When it takes longer.
pub async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Result<T, TimedOut> {
    timeout(limit, future).await.map_err(|_| TimedOut { limit })
}
