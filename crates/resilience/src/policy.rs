//! The parts put together.

mod attempts;
mod builder;
mod counters;
mod metrics;

use std::{fmt, future::Future, pin::pin, sync::Arc};

use palisade_telemetry::metrics::Telemetry;

pub(crate) use self::metrics::PolicyMetrics;
use self::{attempts::Begun, counters::Tallies};
pub use self::{builder::PolicyBuilder, counters::PolicyCounters};

use crate::{Breaker, Bulkhead, Error, Retry, Timeout, Verdict, outcome::Outcome};

/// Everything between a caller and one callee, in the order that is right:
///
/// ```text
/// time limit in all → retry → breaker → bulkhead → time limit per attempt → the call
/// ```
///
/// - The limit in all is outermost: it bounds what the caller waits for, the waits between attempts and in the
///   bulkhead's line included.
/// - The retry is outside the bulkhead: a call that waits for its next attempt holds no slot.
/// - The retry is outside the breaker: each attempt is counted, and an open breaker ends the retries.
/// - The breaker is outside the bulkhead: no call stands in line for a callee that is not to be called, and a full
///   bulkhead, which is our own doing, is never held against the callee.
/// - The limit per attempt is innermost: it measures the callee alone and not the line before it. An attempt that
///   runs out of it is a failure of the callee. Where there is none that is shorter than the limit in all, an attempt
///   that the latter cuts off is such a failure.
///
/// An open breaker and a full bulkhead are answered at once and not retried. If an earlier attempt of the same call has
/// failed, the caller gets that failure, which says more.
///
/// A call that is not retried allocates nothing here. Cloning is cheap; all clones share the parts and the counters.
#[derive(Clone)]
pub struct Policy(Arc<Inner>);

struct Inner {
    name: Arc<str>,
    timeout: Timeout,
    retry: Option<Retry>,
    breaker: Option<Breaker>,
    bulkhead: Option<Bulkhead>,
    tallies: Tallies,
}

impl Policy {
    /// A policy of no parts yet; `name` says in logs and metrics whose calls it guards.
    pub fn builder(name: impl Into<Arc<str>>) -> PolicyBuilder {
        PolicyBuilder::new(name.into())
    }

    /// Makes the call that `call` makes each time it is called. Any error is a failure of the callee that another
    /// attempt may mend.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn call<T, E, F>(&self, call: impl FnMut() -> F) -> Result<T, Error<E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        self.call_if(call, |_| Verdict::TRANSIENT).await
    }

    /// Makes the call that `call` makes each time it is called; `classify` says of an error whether it speaks against
    /// the callee and whether another attempt may mend it.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn call_if<T, E, F>(
        &self,
        call: impl FnMut() -> F,
        classify: impl Fn(&E) -> Verdict,
    ) -> Result<T, Error<E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        self.guard(call, classify).await
    }

    /// The same for a call whose outcome is a `Result` by another name.
    pub(crate) async fn guard<R, F>(
        &self,
        call: impl FnMut() -> F,
        classify: impl Fn(&R::Failure) -> Verdict,
    ) -> Result<R::Value, Error<R::Failure>>
    where
        R: Outcome,
        F: Future<Output = R>,
    {
        let begun = Begun::default();
        let deadline = self.0.timeout.deadline();
        // Pinned once: a future that is passed on by value is stored again at each step.
        let attempts = pin!(self.attempts(deadline, &begun, call, classify));
        let Some(deadline) = deadline else { return attempts.await };
        match deadline.bound(attempts).await {
            Ok(outcome) => outcome,
            Err(timed_out) => {
                self.0.tallies.timed_out();
                Err(Error::from(timed_out).after(begun.number()))
            }
        }
    }

    /// Whose calls it guards.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its breaker.
    #[must_use]
    pub fn breaker(&self) -> Option<&Breaker> {
        self.0.breaker.as_ref()
    }

    /// Its bulkhead.
    #[must_use]
    pub fn bulkhead(&self) -> Option<&Bulkhead> {
        self.0.bulkhead.as_ref()
    }

    fn measure(&self, metrics: PolicyMetrics, telemetry: &Arc<dyn Telemetry>) {
        if let Some(breaker) = self.breaker() {
            breaker.measure(telemetry);
        }
        let policy = self.clone();
        telemetry.before_reading(Box::new(move || {
            let (name, counters) = (policy.name(), policy.counters());
            metrics.attempts.with([name]).total(counters.retries);
            metrics.exhausted.with([name, "attempts"]).total(counters.exhausted);
            metrics.exhausted.with([name, "budget"]).total(counters.over_budget);
            metrics.recovered.with([name]).total(counters.recovered);
        }));
    }

    /// What has happened since it was made.
    #[must_use]
    pub fn counters(&self) -> PolicyCounters {
        self.0.tallies.read()
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("name", &self.0.name)
            .field("timeout", &self.0.timeout)
            .field("retry", &self.0.retry)
            .field("breaker", &self.0.breaker)
            .field("bulkhead", &self.0.bulkhead)
            .finish_non_exhaustive()
    }
}
