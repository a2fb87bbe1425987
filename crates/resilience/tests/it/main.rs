//! The guards, from outside.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod admission;
mod breaker;
mod bulkhead;
#[cfg(feature = "http-client")]
mod client;
mod events;
#[cfg(feature = "macros")]
mod guarded;
mod model;
mod policy;
mod races;
mod retry;
mod support;
