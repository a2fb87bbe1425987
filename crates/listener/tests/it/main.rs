//! Connections as a client sees them, over TCP.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod bodies;
mod crowds;
mod fuzz;
mod listeners;
mod malformed;
mod pacing;
mod panics;
mod pipelined;
mod reading;
mod slow;
mod starting;
mod stop;
mod tls;
mod world;
