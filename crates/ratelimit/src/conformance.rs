//! The suite each [`RateLimiter`] must pass, in time that is turned by hand or in the time that passes:
//!
//! ```
//! # tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap().block_on(async {
//! use std::sync::Arc;
//! use palisade_core::ManualClock;
//! use palisade_ratelimit::{MemoryOptions, MemoryRateLimiter, Timeline, conformance::{self, Time}};
//!
//! let clock = Arc::new(ManualClock::default());
//! let limiter = MemoryRateLimiter::new(Timeline::following(clock.clone()), MemoryOptions::default());
//! conformance::rate_limiter(Arc::new(limiter), Time::Turned(clock)).await;
//! # });
//! ```
//!
//! It may run on a store that others use, and again on the same one: its policies have names of their own each time.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a suite fails by panicking")]

mod amounts;
mod apart;
mod races;
mod spans;
mod time;
mod waits;

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use palisade_core::{Random, SystemRandom};

pub use self::time::Time;
use crate::{Algorithm, Decision, LimitKey, Policy, Quota, RateLimiter};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::TokenBucket, Algorithm::SlidingWindow, Algorithm::FixedWindow];

/// Holds every claim of the suite against the limiter.
///
/// # Panics
/// At the first claim that does not hold.
pub async fn rate_limiter(limiter: Arc<dyn RateLimiter>, time: Time) {
    let suites = ALGORITHMS.map(|algorithm| Suite::new(limiter.clone(), time.clone(), algorithm));
    match time {
        // One hand turns the clock.
        Time::Turned(_) => {
            for suite in &suites {
                suite.hold().await;
            }
        }
        Time::Real => {
            join_all(suites.iter().map(Suite::hold)).await;
        }
    }
}

struct Suite {
    limiter: Arc<dyn RateLimiter>,
    time: Time,
    algorithm: Algorithm,
    /// Tells the policies of this run from those of others.
    run: u64,
    made: AtomicUsize,
}

impl Suite {
    fn new(limiter: Arc<dyn RateLimiter>, time: Time, algorithm: Algorithm) -> Self {
        let random: &dyn Random = &SystemRandom;
        Self { limiter, time, algorithm, run: u64::from_le_bytes(random.bytes()), made: AtomicUsize::new(0) }
    }

    async fn hold(&self) {
        self.as_many_pass_as_the_limit_says().await;
        self.a_burst_comes_on_top_of_the_limit().await;
        self.a_cost_is_taken_whole_or_not_at_all().await;
        self.what_never_fits_is_refused_for_ever().await;
        self.the_tightest_quota_speaks().await;
        self.a_lowered_limit_heeds_what_was_counted().await;
        self.keys_are_counted_apart().await;
        self.any_text_is_a_key().await;
        self.policies_are_counted_apart().await;
        self.a_refusal_is_counted_nowhere().await;
        self.who_waits_as_told_is_let_in().await;
        self.after_the_reset_everything_is_free().await;
        self.no_span_holds_more_than_promised().await;
        self.of_many_at_once_the_limit_passes().await;
        self.of_many_costs_at_once_no_more_than_fits().await;
    }

    /// A policy that no claim has used.
    fn policy(&self, quotas: impl Into<Vec<Quota>>) -> Policy {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        Policy::new(format!("conformance-{:x}-{number}", self.run), self.algorithm, quotas).unwrap()
    }

    async fn check(&self, policy: &Policy, key: &LimitKey, cost: u32) -> Decision {
        let decision = self.limiter.check(policy, key, NonZeroU32::new(cost).unwrap()).await.unwrap();
        assert_eq!(decision.allowed, decision.retry_after.is_none(), "{decision:?}");
        assert!(decision.remaining <= decision.quota.capacity(), "{decision:?}");
        let longest = longest_wait(&decision.quota);
        assert!(decision.reset_after <= longest, "{decision:?}");
        assert!(
            decision.retry_after.is_none_or(|wait| wait > Duration::ZERO && wait <= longest),
            "{decision:?}"
        );
        decision
    }

    async fn passes(&self, policy: &Policy, key: &LimitKey, cost: u32) -> bool {
        self.check(policy, key, cost).await.allowed
    }
}

/// A quota that does not recover while a claim is held.
fn a_day(limit: u32) -> Quota {
    Quota::per_day(limit)
}

/// A quota that recovers while a claim waits.
fn a_moment(limit: u32) -> Quota {
    Quota::new(limit, MOMENT).unwrap()
}

const MOMENT: Duration = Duration::from_millis(300);

/// A backend may count in parts of the window: then what is counted leaves it up to a part later. An empty token bucket
/// needs longer than the window for its burst.
fn longest_wait(quota: &Quota) -> Duration {
    let burst = quota.window().as_secs_f64() * f64::from(quota.burst()) / f64::from(quota.limit());
    quota.window() * 5 / 4 + Duration::from_secs_f64(burst) + Duration::from_millis(1)
}

fn someone() -> LimitKey {
    LimitKey::new("someone")
}
