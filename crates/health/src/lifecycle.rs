//! Where the program stands between its start and its end.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

/// A stage of the program's life. It only ever moves forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Not everything is up yet.
    Starting,
    /// Traffic may come.
    Ready,
    /// Requests are still served, and no new traffic should be sent here.
    Draining,
}

/// The program's present phase, shared by whoever moves it and whoever reads it.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle(Arc<AtomicU8>);

impl Lifecycle {
    /// A program that is starting.
    #[must_use]
    pub fn starting() -> Self {
        Self::default()
    }

    /// The present phase.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.0.load(Ordering::Acquire) {
            0 => Phase::Starting,
            1 => Phase::Ready,
            _ => Phase::Draining,
        }
    }

    /// Lets traffic come. Without effect once draining has begun: a start-up that finishes late must not
    /// call traffic back to a program that is going.
    pub fn ready(&self) {
        self.0.fetch_max(1, Ordering::AcqRel);
    }

    /// Asks for no more traffic.
    pub fn drain(&self) {
        self.0.fetch_max(2, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_forward_only() {
        let lifecycle = Lifecycle::starting();
        assert_eq!(lifecycle.phase(), Phase::Starting);
        lifecycle.ready();
        assert_eq!(lifecycle.phase(), Phase::Ready);
        lifecycle.clone().drain();
        lifecycle.ready();
        assert_eq!(lifecycle.phase(), Phase::Draining);
    }
}
