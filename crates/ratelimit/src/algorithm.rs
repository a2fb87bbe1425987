//! How a quota is counted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a quota is counted. Each keeps its promise exactly; they differ in what they promise, and in what they keep
/// in mind for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// A bucket of so many tokens that fills up evenly: never more than `capacity + rate × t` in any span of `t`.
    /// The cheapest, and the only one that knows a burst.
    #[default]
    TokenBucket,
    /// Never more than the limit in any span as long as the window.
    SlidingWindow,
    /// At most the limit in each window, aligned to the Unix epoch; around a border twice as much may come at once.
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
