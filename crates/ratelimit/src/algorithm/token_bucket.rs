//! The token bucket, kept as one moment: the Generic Cell Rate Algorithm in its form of virtual scheduling
//! (ITU-T I.371, annex A).
//!
//! A bucket that fills at an even rate is described whole by the moment at which it will be full: taking a token
//! moves that moment one interval away, and what lies between now and then is what was taken.

use super::{Taking, Verdict};

/// The bucket that nobody has taken from. A state is the moment at which the bucket will be full.
#[cfg(test)]
pub(crate) const FULL: u64 = 0;

/// The state after the request, and what is said to it. A refusal changes nothing.
pub(crate) fn check(full_at: u64, taking: &Taking<'_>) -> (u64, Verdict) {
    let (now, quota) = (taking.now, taking.quota);
    let interval = quota.interval_nanos();
    // At most twice 366 days and 4 s.
    let depth = u64::from(quota.capacity()) * interval;
    let end = now.saturating_add(depth);
    // Beyond the end lies only what a clock that was set back, or a limit that was lowered, leaves behind.
    let present = full_at.clamp(now, end);
    if taking.cost > quota.capacity() {
        return (full_at, taking.refuse((end - present) / interval, present, quota.window_nanos()));
    }
    let taken = present.saturating_add(u64::from(taking.cost) * interval);
    if taken > end {
        return (full_at, taking.refuse((end - present) / interval, present, taken - end));
    }
    (taken, taking.allow((end - taken) / interval, taken))
}
