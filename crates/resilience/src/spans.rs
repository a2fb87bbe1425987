//! Spans of time as numbers.

use std::time::Duration;

use palisade_core::Timeline;

/// The present of a timeline, in nanoseconds: below half of what there is room for until 2262.
pub(crate) fn now(timeline: &Timeline) -> u64 {
    timeline.now().nanos()
}

/// A duration in nanoseconds, at most 292 years so that it can be added to a present.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).min(u64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_spans_can_be_added() {
        assert_eq!(nanos(Duration::MAX).checked_add(nanos(Duration::MAX)), Some(u64::MAX - 1));
    }
}
