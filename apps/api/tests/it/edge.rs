//! What the edge keeps out, and how it stands pressure.

mod bodies;
mod compression;
mod countries;
mod deprecation;
mod overload;
mod slow;
mod spellings;
mod surge;
mod tls;
