//! What a lost server costs the callers: one of them waits, the others are refused in microseconds.

use std::time::Duration;

use palisade_core::{Clock, Timeline};
use palisade_resilience::{Breaker, BreakerPolicy, Open, Trip};

use crate::Error;

/// How long after a failure the next caller tries the server again.
const PROBE_EVERY: Duration = Duration::from_millis(500);

/// A breaker that opens at the first failure: what fails is the server and not one statement, and each caller who finds
/// that out for itself waits for the acquire timeout.
pub(crate) fn breaker(clock: &dyn Clock) -> Breaker {
    let policy = BreakerPolicy::default().trip_at(Trip::consecutive(1)).recover_after(PROBE_EVERY);
    Breaker::new("database", policy, Timeline::steady(clock))
}

pub(crate) fn refused(_: Open) -> Error {
    Error::unavailable("it failed a moment ago and is being tried again")
}
