//! The HTTP edge as a client sees it.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod bodies;
mod client_address;
mod compression;
mod content;
mod cors;
mod decompression;
mod deprecation;
mod errors;
mod geoip;
mod held;
mod idempotency;
mod limits;
mod lines;
mod load_shed;
mod methods;
mod names;
mod rate_limit;
mod request_logging;
mod security_headers;
mod served;
mod surge_guard;
mod trusted_hosts;
mod world;
