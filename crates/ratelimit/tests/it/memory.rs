//! The suite on the limiter in memory.

use std::sync::Arc;

use palisade_core::{ManualClock, SystemClock};
use palisade_ratelimit::{
    MeasuredRateLimiter, MemoryOptions, MemoryRateLimiter, Timeline,
    conformance::{self, Time},
};
use palisade_telemetry::metrics::{Registry, Telemetry};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_passes_the_suite_in_turned_time() {
    let clock = Arc::new(ManualClock::default());
    let limiter = MemoryRateLimiter::new(Timeline::following(clock.clone()), MemoryOptions::default());
    conformance::rate_limiter(Arc::new(limiter), Time::Turned(clock)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_passes_the_suite_in_the_time_that_passes() {
    let limiter = MemoryRateLimiter::new(Timeline::steady(&SystemClock), MemoryOptions::default());
    conformance::rate_limiter(Arc::new(limiter), Time::Real).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_limiter_that_is_measured_is_the_same_limiter() {
    let clock = Arc::new(ManualClock::default());
    let limiter = MemoryRateLimiter::new(Timeline::following(clock.clone()), MemoryOptions::default());
    let telemetry: Arc<dyn Telemetry> = Arc::new(Registry::new());
    let limiter = MeasuredRateLimiter::new(Arc::new(limiter), &telemetry);
    conformance::rate_limiter(Arc::new(limiter), Time::Turned(clock)).await;
}
