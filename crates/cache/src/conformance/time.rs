//! How a suite lets time pass.

use std::{sync::Arc, time::Duration};

use palisade_core::ManualClock;

/// How the time of a cache passes.
#[derive(Debug, Clone)]
pub enum Time {
    /// The cache follows this clock, and nothing else turns it.
    Turned(Arc<ManualClock>),
    /// The cache has a clock of its own.
    Real,
}

impl Time {
    /// What expires while a claim waits, and not before it has looked: of real time no longer than it must be.
    pub(super) const fn brief(&self) -> Duration {
        match self {
            Self::Turned(_) => Duration::from_secs(60 * 60),
            Self::Real => Duration::from_secs(2),
        }
    }

    /// Lets this much time pass, and a little more: a store may look a moment late.
    pub(super) async fn pass(&self, time: Duration) {
        let time = time + Duration::from_millis(20);
        match self {
            Self::Turned(clock) => clock.advance(time),
            Self::Real => tokio::time::sleep(time).await,
        }
    }
}
