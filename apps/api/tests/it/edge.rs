//! What the edge keeps out, and how it stands pressure.

mod bodies;
mod compression;
mod conditions;
mod countries;
mod deprecation;
mod headers;
mod hosts;
mod idempotency;
mod order;
mod origins;
mod overload;
mod proxies;
mod slow;
mod spellings;
mod surge;
mod tls;
