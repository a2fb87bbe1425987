//! What the edge keeps out, and how it stands pressure.

mod bodies;
mod compression;
mod slow;
mod spellings;
