//! Calls to real servers over networks that are broken on demand.

#[cfg(feature = "http-client")]
mod client;
