//! Rate limits as a client meets them.

mod counting;
mod desk;
mod headers;
mod keys;
mod scopes;
mod tiers;
