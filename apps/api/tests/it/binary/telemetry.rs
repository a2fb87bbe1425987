//! Telemetry as an operator meets it: modes, a collector, Prometheus, and what must not be seen.

mod canaries;
mod collector;
mod export;
mod modes;
mod prometheus;
mod sentry;
mod switches;
