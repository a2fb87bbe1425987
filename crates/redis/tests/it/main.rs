//! One handle on real servers, and on networks that break.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod commands;
mod faults;
#[cfg(feature = "deadpool")]
mod pooled;
mod refusing;
mod support;
