//! The limiter in memory, from outside.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "redis")]
mod exact;
#[cfg(feature = "redis")]
mod faults;
mod floods;
mod leased;
mod memory;
#[cfg(feature = "redis")]
mod redis;
