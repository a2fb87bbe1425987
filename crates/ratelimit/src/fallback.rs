//! What counts while the shared store is lost.

mod status;

use std::{fmt, num::NonZeroU32, sync::Arc};

use palisade_telemetry::metrics::Telemetry;

pub use self::status::FallbackStatus;
use crate::{Algorithm, Checking, Decision, Error, LimitKey, MemoryRateLimiter, Policy, RateLimiter};

/// A limiter on a shared store, and one in memory for when that is lost: limits are never off, and losing the store is
/// never an error.
///
/// Each check asks the store; what the store does not answer, the memory does, at once, with each limit divided by the
/// number of processes that share it. How long a request waits for a lost store is the store's concern:
/// [`RedisRateLimiter`](crate::RedisRateLimiter) waits for no longer than its handle's time limit, and not at all once the
/// loss is known.
///
/// - **Token buckets and fixed windows**: the memory knows nothing of what the store had counted. After a loss each process
///   lets its share through anew, all of them together at most the limit once more.
/// - **[Sliding windows](Algorithm::SlidingWindow)** promise a number for any span, so the memory also counts what the store
///   lets through. While the store is lost a process subtracts from its share what it let through before. For one window
///   after the store is back, which may have lost its counters, a request must fit both. One process alone thereby never
///   exceeds the limit. Of several, a process cannot know what the others let through just before a loss: within the
///   window of the loss, their shares may come on top.
pub struct FallbackRateLimiter<P> {
    primary: P,
    local: MemoryRateLimiter,
    replicas: NonZeroU32,
    status: FallbackStatus,
}

impl<P: RateLimiter> FallbackRateLimiter<P> {
    /// `replicas` is how many processes share the limits of the `primary`. Whether it counts in memory is measured by
    /// `telemetry`.
    #[must_use]
    pub fn new(
        primary: P,
        local: MemoryRateLimiter,
        replicas: NonZeroU32,
        telemetry: &Arc<dyn Telemetry>,
    ) -> Self {
        let status = FallbackStatus::new(primary.losses());
        status.measure(telemetry);
        Self { primary, local, replicas, status }
    }

    /// Whether it counts in memory, and how often it has had to; for metrics.
    #[must_use]
    pub fn status(&self) -> FallbackStatus {
        self.status.clone()
    }

    /// The store's answer, or the memory's in its place. `began` is the status when the store was asked.
    fn settle(
        &self,
        began: u64,
        answer: Result<Decision, Error>,
        (policy, key, cost): (&Policy, &LimitKey, NonZeroU32),
    ) -> Decision {
        match answer {
            Ok(decision) => {
                self.status.answered(began, self.primary.losses());
                let is_exact = policy.algorithm() == Algorithm::SlidingWindow;
                if decision.allowed && is_exact {
                    self.confirm(decision, policy, key, cost)
                } else {
                    decision
                }
            }
            Err(error) => {
                self.status.failed(began, &error, self.replicas);
                match self.replicas {
                    NonZeroU32::MIN => self.local.check_now(policy, key, cost),
                    replicas => self.local.check_now(&policy.divided_by(replicas), key, cost),
                }
            }
        }
    }
}

impl<P: RateLimiter> FallbackRateLimiter<P> {
    /// Counts here too what the store has let through. For a window after a loss it must also fit what was counted here.
    fn confirm(&self, decision: Decision, policy: &Policy, key: &LimitKey, cost: NonZeroU32) -> Decision {
        let since = self.status.since_loss().filter(|since| *since < policy.longest_window());
        let own = match (since, self.replicas) {
            (None, _) | (_, NonZeroU32::MIN) => self.local.check_now(policy, key, cost),
            (Some(since), replicas) => {
                self.local.check_now(&policy.divided_since(since, replicas), key, cost)
            }
        };
        if !own.allowed && since.is_none() {
            // The two may disagree by one part of a window. The store is right, and nothing may go uncounted.
            self.local.check_now(&policy.without_limits(), key, cost);
        }
        if own.allowed || since.is_none() { decision } else { own }
    }
}

impl<P: RateLimiter> RateLimiter for FallbackRateLimiter<P> {
    fn check<'a>(&'a self, policy: &'a Policy, key: &'a LimitKey, cost: NonZeroU32) -> Checking<'a> {
        let began = self.status.epoch();
        match self.primary.check(policy, key, cost) {
            // A store that is known to be lost says so at once, and then so does this.
            Checking::Now(Some(answer)) => Checking::now(Ok(self.settle(began, answer, (policy, key, cost)))),
            checking => {
                Checking::later(async move { Ok(self.settle(began, checking.await, (policy, key, cost))) })
            }
        }
    }

    fn tend(&self) {
        self.primary.tend();
        self.local.tend();
    }
}

impl<P: fmt::Debug> fmt::Debug for FallbackRateLimiter<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FallbackRateLimiter")
            .field("primary", &self.primary)
            .field("replicas", &self.replicas)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
