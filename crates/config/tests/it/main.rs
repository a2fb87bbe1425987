//! What an operator may rely on when writing settings.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod any_input;
mod cluster;
mod coercion;
mod documents;
mod explain;
mod files;
mod layers;

mod named;
mod names;
mod report;
mod rules;
mod sample;
mod secrets;
mod shapes;
mod standards;
