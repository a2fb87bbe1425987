//! The testkit's own promises: nothing is left behind, and faults are real.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "servers")]
mod proxy;
#[cfg(feature = "servers")]
mod servers;
