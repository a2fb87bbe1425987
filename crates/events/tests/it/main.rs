//! Units of work and their events, on every database.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod deliveries;
mod relay;
mod units;
mod world;
