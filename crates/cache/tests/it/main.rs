//! The caches from outside, on real servers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "macros")]
mod cached;
#[cfg(feature = "redis")]
mod caching;
