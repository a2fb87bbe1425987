//! Callbacks for the start, reload and stop of a server.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use crate::Bound;

type Step = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Called with the bound addresses.
type ReadyStep = Box<dyn FnOnce(&[Bound]) + Send>;
/// Called on each reload.
type ReloadStep = Box<dyn Fn() -> Step + Send + Sync>;
/// A step of the stop: its name, time limit and future.
pub(crate) type StopStep = (&'static str, Duration, Step);

/// Callbacks for the start, reload and stop of a server. Those of one kind run in the order they were added.
#[derive(Default)]
pub struct Hooks {
    pub(crate) ready: Vec<ReadyStep>,
    pub(crate) reload: Vec<ReloadStep>,
    pub(crate) drain: Vec<Box<dyn FnOnce() + Send>>,
    pub(crate) stop: Vec<StopStep>,
}

impl Hooks {
    /// Runs once every listener accepts connections and the start is done.
    #[must_use]
    pub fn on_ready(mut self, step: impl FnOnce(&[Bound]) + Send + 'static) -> Self {
        self.ready.push(Box::new(step));
        self
    }

    /// Runs on each reload, after the certificates were reloaded. Reloads do not overlap.
    #[must_use]
    pub fn on_reload<F: Future<Output = ()> + Send + 'static>(
        mut self,
        step: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        self.reload.push(Box::new(move || Box::pin(step())));
        self
    }

    /// Runs when the server starts to drain. It still serves requests then, and readiness probes should start to fail.
    #[must_use]
    pub fn on_drain(mut self, step: impl FnOnce() + Send + 'static) -> Self {
        self.drain.push(Box::new(step));
        self
    }

    /// Runs after the last request has finished. A step that takes longer than `limit` is cancelled.
    #[must_use]
    pub fn on_stop(
        mut self,
        name: &'static str,
        limit: Duration,
        step: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        self.stop.push((name, limit, Box::pin(step)));
        self
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stop: Vec<_> = self.stop.iter().map(|(name, ..)| name).collect();
        f.debug_struct("Hooks").field("stop", &stop).finish_non_exhaustive()
    }
}
