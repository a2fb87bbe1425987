//! The HTTP edge as a client sees it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;
