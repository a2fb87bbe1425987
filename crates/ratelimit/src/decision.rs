//! What a limiter says.

use std::time::Duration;

use crate::Quota;

/// Whether a request may pass, and how its caller stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may pass. When not, nothing was counted.
    pub allowed: bool,
    /// The tightest of the policy's quotas: the one that refuses longest, else the one with the least left.
    pub quota: Quota,
    /// How many more that quota lets through now.
    pub remaining: u32,
    /// How long until that quota is whole again when nothing more comes.
    pub reset_after: Duration,
    /// How long to wait before the same request fits, when it was refused and nothing else comes. A request that
    /// costs more than fits at once never will: then this is a whole window.
    pub retry_after: Option<Duration>,
}

impl Decision {
    /// Of two quotas of one policy the one that its caller must heed: a refusal before a consent, the longer wait
    /// before the shorter, the smaller rest before the greater.
    #[must_use]
    pub fn tighter(self, other: Self) -> Self {
        let rank = |decision: &Self| {
            let rest = std::cmp::Reverse(decision.remaining);
            (decision.retry_after, rest, decision.reset_after)
        };
        if rank(&other) > rank(&self) { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(remaining: u32, reset: u64, retry: Option<u64>) -> Decision {
        Decision {
            allowed: retry.is_none(),
            quota: Quota::per_minute(9),
            remaining,
            reset_after: Duration::from_secs(reset),
            retry_after: retry.map(Duration::from_secs),
        }
    }

    #[test]
    fn the_tighter_is_what_the_caller_must_heed() {
        let in_order = [
            decision(0, 60, Some(9)),
            decision(0, 60, Some(2)),
            decision(3, 60, Some(0)),
            decision(0, 60, None),
            decision(4, 60, None),
            decision(4, 50, None),
            decision(5, 99, None),
        ];
        for pair in in_order.windows(2) {
            assert_eq!(pair[0].tighter(pair[1]), pair[0]);
            assert_eq!(pair[1].tighter(pair[0]), pair[0]);
        }
    }
}
