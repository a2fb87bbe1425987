//! The caches from outside, on real servers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "macros")]
mod cached;
#[cfg(feature = "redis")]
mod caching;
#[cfg(feature = "macros")]
mod composed;
#[cfg(feature = "redis")]
mod faults;
mod measured;
mod memory;
mod plain;
#[cfg(feature = "redis")]
mod poisoned;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod support;
#[cfg(feature = "redis")]
mod tiered;
mod write_behind;
