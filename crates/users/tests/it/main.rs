//! What the crate promises, held against its public face.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod admins;
mod changes;
mod permissions;
mod recipe;
mod registration;
mod rights;
mod routes;
mod sign_in;
mod stores;
mod world;
