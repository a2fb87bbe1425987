//! The guards, from outside.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "http-client")]
mod client;
#[cfg(feature = "macros")]
mod guarded;
