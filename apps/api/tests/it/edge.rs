//! What the edge keeps out, and how it stands pressure.

mod bodies;
mod compression;
mod countries;
mod deprecation;
mod headers;
mod hosts;
mod origins;
mod overload;
mod proxies;
mod slow;
mod spellings;
mod surge;
mod tls;
