//! Connections as a client sees them, over TCP.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod connection_limits;
mod deferred_start;
mod fuzz;
mod listeners;
mod malformed;
mod pacing;
mod panics;
mod pipelined;
mod shutdown;
mod slow_bodies;
mod slow_heads;
mod slow_readers;
mod tls;
mod world;
