//! The edge under pressure.

mod bodies;
mod compression;
mod slow;
mod spellings;
