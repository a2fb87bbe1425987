//! Calls to what may fail: a circuit breaker, retries with a budget, time limits and a bulkhead, each for itself or put
//! together in a [`Policy`].
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use palisade_core::{SystemClock, SystemRandom, Timeline};
//! use palisade_resilience::{Backoff, Breaker, BreakerPolicy, Policy, Retry, RetryBudget, Timeout};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let time = Timeline::steady(&SystemClock);
//! let policy = Policy::builder("billing")
//!     .timeout(Timeout::none().per_attempt(Duration::from_secs(1)).in_all(Duration::from_secs(4)))
//!     .retry(Retry::new(Backoff::standard(Arc::new(SystemRandom))).budget(RetryBudget::standard(time.clone())))
//!     .breaker(Breaker::new("billing", BreakerPolicy::default(), time))
//!     .build();
//!
//! let answer = policy.call(|| async { Ok::<_, std::io::Error>(42) }).await;
//! assert_eq!(answer.unwrap(), 42);
//! # });
//! ```
//!
//! The attribute `#[guarded]` (feature `macros`) makes the body of a function such a call. The module `client` (feature
//! `http-client`) asks other services over HTTP, each behind a policy.
//!
//! What it deliberately does not do: know another protocol, decide by itself which errors are failures, spawn tasks, fall
//! back to another answer.

mod admission;
mod backoff;
mod breaker;
mod bulkhead;
#[cfg(feature = "http-client")]
pub mod client;
mod error;
mod guard;
mod metrics;
mod outcome;
mod policy;
mod retry;
mod settings;
mod spans;
mod timeout;
mod verdict;

pub use admission::{AdmissionPermit, AdmissionQueue, QueueBounds, QueueCounters, QueueRefusal, Turn};
pub use backoff::{Backoff, InvalidBackoff};
pub use breaker::{Breaker, BreakerCounters, BreakerPolicy, Open, Permit, State, Trip};
pub use bulkhead::{Bulkhead, BulkheadBounds, BulkheadCounters, Slot};
pub use error::{Error, Full, REASONS};
pub use metrics::METRICS;
#[cfg(feature = "macros")]
pub use palisade_resilience_macros::guarded;
pub use policy::{Policy, PolicyBuilder, PolicyCounters};
pub use retry::{Retry, RetryBudget};
pub use settings::{CircuitBreakerSettings, RetrySettings};
pub use timeout::{TimedOut, Timeout, within};
pub use verdict::{Again, Callee, Verdict};

/// For the code that `#[guarded]` writes; anything here may change.
#[doc(hidden)]
pub mod __private {
    pub use crate::{guard::guard, outcome::Outcome};
}
