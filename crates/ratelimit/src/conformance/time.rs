//! How a suite lets time pass.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use palisade_core::{Clock, ManualClock};

/// How the time of a backend passes.
#[derive(Debug, Clone)]
pub enum Time {
    /// The backend follows this clock, and nothing else turns it.
    Turned(Arc<ManualClock>),
    /// The backend has a clock of its own.
    Real,
}

impl Time {
    /// Lets this much time pass, and no more than it must.
    pub(super) async fn pass(&self, time: Duration) {
        // Backends count in microseconds at least.
        let time = Duration::from_micros(u64::try_from(time.as_nanos().div_ceil(1_000)).unwrap());
        match self {
            Self::Turned(clock) => clock.advance(time),
            Self::Real => tokio::time::sleep(time).await,
        }
    }

    /// How long ago something was.
    pub(super) fn watch(&self) -> impl Fn() -> Duration {
        let turned = match self {
            Self::Turned(clock) => Some((clock.clone(), clock.now())),
            Self::Real => None,
        };
        let begin = Instant::now();
        move || match &turned {
            Some((clock, begin)) => (clock.now() - *begin).to_std().unwrap(),
            None => begin.elapsed(),
        }
    }
}
