//! The rules of the house, as tests over the workspace's own source.
//!
//! `docs/architecture.md` states each invariant and names the test here that holds it. A rule that has
//! exceptions lists them beside the rule, each with its reason, and fails when an exception is no longer
//! needed: so the lists stay as short as the truth.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "house/arrows.rs"]
mod arrows;
#[path = "house/backends.rs"]
mod backends;
#[path = "house/borders.rs"]
mod borders;
#[path = "house/bounds.rs"]
mod bounds;
#[path = "house/circles.rs"]
mod circles;
#[path = "house/documents.rs"]
mod documents;
#[path = "house/form.rs"]
mod form;
#[path = "house/gate.rs"]
mod gate;
#[path = "house/lexer.rs"]
mod lexer;
#[path = "house/libraries.rs"]
mod libraries;
#[path = "house/migrations.rs"]
mod migrations;
#[path = "house/rule.rs"]
mod rule;
#[path = "house/secrets.rs"]
mod secrets;
#[path = "house/source.rs"]
mod source;
#[path = "house/time.rs"]
mod time;
#[path = "house/workspace.rs"]
mod workspace;
