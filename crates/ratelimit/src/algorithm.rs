//! How a quota is counted.

pub(crate) mod fixed_window;
pub(crate) mod sliding_window;
pub(crate) mod token_bucket;

use std::{cmp::Reverse, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Decision, Quota};

/// How a quota is counted. Each keeps its promise exactly; they differ in what they promise, and in what they keep
/// in mind for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// A bucket that holds limit and burst and refills the limit in each window: never more than
    /// `limit + burst + rate × t` in any span of `t`. The cheapest.
    #[default]
    TokenBucket,
    /// Never more than limit and burst in any span as long as the window.
    SlidingWindow,
    /// At most limit and burst in each window, aligned to the Unix epoch; around a border twice as much may come at once.
    FixedWindow,
}

impl Algorithm {
    /// The name as written in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TokenBucket => "token_bucket",
            Self::SlidingWindow => "sliding_window",
            Self::FixedWindow => "fixed_window",
        }
    }
}

/// A request before one quota.
pub(crate) struct Taking<'a> {
    /// Nanoseconds since the Unix epoch.
    pub(crate) now: u64,
    /// The quota.
    pub(crate) quota: &'a Quota,
    /// How much the request takes, at least 1.
    pub(crate) cost: u32,
}

/// What one quota says; times in nanoseconds from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// How long to wait; 0 when the request fits.
    pub(crate) wait: u64,
    pub(crate) remaining: u32,
    pub(crate) reset: u64,
}

impl Taking<'_> {
    fn allow(&self, remaining: u64, full_at: u64) -> Verdict {
        self.refuse(remaining, full_at, 0)
    }

    fn refuse(&self, remaining: u64, full_at: u64, wait: u64) -> Verdict {
        let remaining = u32::try_from(remaining).unwrap_or(u32::MAX);
        Verdict { wait, remaining, reset: full_at.saturating_sub(self.now) }
    }
}

impl Verdict {
    pub(crate) fn allowed(&self) -> bool {
        self.wait == 0
    }

    /// Whether a caller must heed this before `other`; [`Decision::tighter`] says the same of decisions.
    pub(crate) fn is_tighter(&self, other: &Self) -> bool {
        let rank = |verdict: &Self| (verdict.wait, Reverse(verdict.remaining), verdict.reset);
        rank(self) > rank(other)
    }

    /// The same as the caller reads it.
    pub(crate) fn of(self, quota: &Quota) -> Decision {
        Decision {
            allowed: self.allowed(),
            quota: *quota,
            remaining: self.remaining,
            reset_after: Duration::from_nanos(self.reset),
            retry_after: (!self.allowed()).then(|| Duration::from_nanos(self.wait)),
        }
    }
}

#[cfg(test)]
mod tests;
