//! The log lines as a reader sees them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod capture;
mod critical;
mod levels;
mod lines;
mod masking;
mod slow_reader;
mod spans;
