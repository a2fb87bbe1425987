//! How requests are told of: the same in lines, metrics and spans.

#[cfg(any(feature = "log", feature = "request-logging"))]
use std::time::Duration;

/// The status of a request that its client did not wait for. No response bears it; it is nginx's name for the same.
#[cfg(any(feature = "log", feature = "metrics", feature = "request-id"))]
pub(crate) const CLIENT_CLOSED_REQUEST: u16 = 499;

/// The name of the policy that a request was over, kept with its response.
#[cfg(any(feature = "log", feature = "rate-limit"))]
#[cfg_attr(not(feature = "log"), expect(dead_code, reason = "the log reads it"))]
#[derive(Clone)]
pub(crate) struct OverPolicy(pub(crate) String);

/// The route of a request that no pattern matched.
#[cfg(any(feature = "log", feature = "metrics"))]
pub(crate) const UNMATCHED: &str = "unmatched";

/// Milliseconds, to the microsecond.
#[cfg(any(feature = "log", feature = "request-logging"))]
pub(crate) fn millis(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e6).round() / 1e3
}
