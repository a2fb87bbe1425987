//! Spans of time as numbers.

use std::time::Duration;

/// A duration in nanoseconds, at most 292 years: it can be added to the present, which until 2262 is below half of what
/// there is room for.
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
