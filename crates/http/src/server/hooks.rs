//! What else happens when the server starts and stops.

use std::{error::Error, fmt, future::Future, pin::Pin, time::Duration};

use super::Bound;

type Step<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Cause = Box<dyn Error + Send + Sync>;

/// What is told where the server listens.
type ListeningStep = Box<dyn FnOnce(&[Bound]) + Send>;
/// A step of the stop: its name, its limit and its work.
pub(super) type StopStep = (&'static str, Duration, Step<()>);

/// Steps around the server's life, each kind in the order they were added.
#[derive(Default)]
pub struct Hooks {
    pub(super) start: Vec<(&'static str, Step<Result<(), Cause>>)>,
    pub(super) listening: Vec<ListeningStep>,
    pub(super) drain: Vec<Box<dyn FnOnce() + Send>>,
    pub(super) stop: Vec<StopStep>,
}

impl Hooks {
    /// Before anything is listened on. A step that fails ends the start.
    #[must_use]
    pub fn on_start<E: Into<Cause>>(
        mut self,
        name: &'static str,
        step: impl Future<Output = Result<(), E>> + Send + 'static,
    ) -> Self {
        self.start.push((name, Box::pin(async move { step.await.map_err(Into::into) })));
        self
    }

    /// Once every listener accepts connections.
    #[must_use]
    pub fn on_listening(mut self, step: impl FnOnce(&[Bound]) + Send + 'static) -> Self {
        self.listening.push(Box::new(step));
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
        let start: Vec<_> = self.start.iter().map(|(name, _)| name).collect();
        let stop: Vec<_> = self.stop.iter().map(|(name, ..)| name).collect();
        f.debug_struct("Hooks").field("start", &start).field("stop", &stop).finish_non_exhaustive()
    }
}
