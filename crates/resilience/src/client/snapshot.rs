//! How an upstream has been doing, for metrics.

use std::sync::Arc;

use super::Calls;
use crate::State;

/// How an upstream has been doing since it was made, and how it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name.
    pub upstream: Arc<str>,
    /// How calls have ended and how long they took, retries included.
    pub calls: Calls,
    /// How often a request was sent.
    pub attempts: u64,
    /// Of these, how many came after a failed one.
    pub retries: u64,
    /// How many requests are under way.
    pub in_flight: u32,
    /// Whether its breaker lets calls through.
    pub state: State,
}

impl Snapshot {
    /// Whether the upstream is believed to be there: its breaker is closed. While it is half-open, that is being found
    /// out.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.state == State::Closed
    }
}
