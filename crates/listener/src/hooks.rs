//! What else happens when the server starts, reloads and stops.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use crate::Bound;

type Step = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What is told where the server listens.
type ReadyStep = Box<dyn FnOnce(&[Bound]) + Send>;
/// Reads something again.
type ReloadStep = Box<dyn Fn() -> Step + Send + Sync>;
/// A step of the stop: its name, its limit and its work.
pub(crate) type StopStep = (&'static str, Duration, Step);

/// Steps around the server's life, each kind in the order they were added.
#[derive(Default)]
pub struct Hooks {
    pub(crate) ready: Vec<ReadyStep>,
    pub(crate) reload: Vec<ReloadStep>,
    pub(crate) drain: Vec<Box<dyn FnOnce() + Send>>,
    pub(crate) stop: Vec<StopStep>,
}

impl Hooks {
    /// Once every listener accepts connections and the start is done.
    #[must_use]
    pub fn on_ready(mut self, step: impl FnOnce(&[Bound]) + Send + 'static) -> Self {
        self.ready.push(Box::new(step));
        self
    }

    /// When the server is told to reload, after it has read its certificates again. One reload is finished before the
    /// next begins.
    #[must_use]
    pub fn on_reload<F: Future<Output = ()> + Send + 'static>(
        mut self,
        step: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        self.reload.push(Box::new(move || Box::pin(step())));
        self
    }

    /// When the server is told to stop and still serves as usual: the moment to read as not ready.
    #[must_use]
    pub fn on_drain(mut self, step: impl FnOnce() + Send + 'static) -> Self {
        self.drain.push(Box::new(step));
        self
    }

    /// When the last request is finished. A step that takes longer than `limit` is given up.
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
