//! The registry and its routes as their users see them.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod parts;
mod registry;
#[cfg(feature = "http")]
mod routes;
