//! Rate limits: how often something may happen, counted in memory or on Redis.
//!
//! A [`Policy`] has a name, an [`Algorithm`] and one to four [`Quota`]s; a [`RateLimiter`] says for a [`LimitKey`] whether
//! one more request fits all of them, and what remains.
//!
//! ```
//! use std::num::NonZeroU32;
//! use palisade_core::SystemClock;
//! use palisade_ratelimit::{Algorithm, LimitKey, MemoryOptions, MemoryRateLimiter, Policy, Quota, RateLimiter, Timeline};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let limiter = MemoryRateLimiter::new(Timeline::steady(&SystemClock), MemoryOptions::default());
//! let login = Policy::new("login", Algorithm::SlidingWindow, [Quota::per_minute(5), Quota::per_hour(20)]).unwrap();
//! for attempt in 0..6 {
//!     let decision = limiter.check(&login, &LimitKey::of("ip", "203.0.113.9"), NonZeroU32::MIN).await.unwrap();
//!     assert_eq!(decision.allowed, attempt < 5);
//! }
//! # });
//! ```
//!
//! What it deliberately does not do: know HTTP, decide who the client is, wait in place of refusing. The
//! one task that it has, [`Upkeep`], gives memory back, and ends when it is dropped.

mod algorithm;
mod checking;
#[cfg(feature = "testing")]
pub mod conformance;
mod decision;
mod error;
mod fallback;
mod key;
mod leased;
mod limiter;
mod measured;
mod memory;
mod policy;
mod quota;
#[cfg(feature = "redis")]
mod redis;
mod settings;
mod upkeep;

#[cfg(feature = "redis")]
pub use self::redis::RedisRateLimiter;
pub use algorithm::Algorithm;
pub use checking::Checking;
pub use decision::Decision;
pub use error::{Error, REASONS};
pub use fallback::{FallbackRateLimiter, FallbackStatus};
pub use key::LimitKey;
pub use leased::LeasedRateLimiter;
pub use limiter::RateLimiter;
pub use measured::{METRICS, MeasuredRateLimiter};
pub use memory::{MemoryOptions, MemoryRateLimiter};
pub use palisade_core::{Moment, Timeline};
pub use policy::{InvalidPolicy, Policy};
pub use quota::{InvalidQuota, Quota};
pub use settings::{Backend, KeyKind, Settings};
pub use upkeep::Upkeep;
