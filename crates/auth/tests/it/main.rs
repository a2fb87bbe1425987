//! What the crate promises, held against its public face.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod access;
mod edge;
mod limits;
mod liveness;
mod login;
mod password_change;
mod refresh;
mod routes;
mod stores;
mod tokens;
mod world;
