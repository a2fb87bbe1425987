//! What a program can rely on that is put together with this crate.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod building;
mod commands;
mod domains;
mod events;
mod layers;
mod notes;
mod settings;
mod swaps;
mod versions;
