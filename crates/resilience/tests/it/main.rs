//! The guards, from outside.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod breaker;
#[cfg(feature = "http-client")]
mod client;
#[cfg(feature = "macros")]
mod guarded;
mod model;
mod races;
