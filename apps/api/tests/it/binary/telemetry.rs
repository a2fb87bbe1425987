//! Telemetry as an operator meets it: modes, a collector, Prometheus, and what must not be seen.

mod canaries;
mod collector;
mod export;
mod modes;
mod prometheus;
mod sentry;
mod switches;

use palisade_testkit::Inbox;

/// The address of a project at a Sentry that the inbox plays.
fn dsn(sentry: &Inbox) -> String {
    sentry.url("/7").replace("http://", "http://0123456789abcdef@")
}
