//! The log lines as a reader sees them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod capture;
mod critical;
mod levels;
mod lines;
mod masking;
#[cfg(feature = "prometheus")]
mod metrics;
#[cfg(feature = "sentry")]
mod sentry;
mod slow_reader;
mod spans;
