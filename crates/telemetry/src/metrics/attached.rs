//! Metrics of what is built before it is known where they go.

use std::sync::OnceLock;

/// The metrics `M` of a part, which measures nothing until [`attach`](Self::attach) gives them. Once they are there they
/// stay.
#[derive(Debug, Default)]
pub struct Attached<M> {
    attached: OnceLock<M>,
    off: M,
}

impl<M> Attached<M> {
    /// Gives the metrics; whether they are the first.
    pub fn attach(&self, metrics: M) -> bool {
        self.attached.set(metrics).is_ok()
    }

    /// The metrics, or those that measure nothing.
    pub fn get(&self) -> &M {
        self.attached.get().unwrap_or(&self.off)
    }
}
