//! The stores under the suite, and the rules.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod memory;
mod rules;
mod stores;
