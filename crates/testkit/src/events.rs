//! What was logged.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::{DefaultGuard, set_default},
};

/// Keeps the names of Palisade's events of level INFO and above.
///
/// ```
/// use palisade_testkit::Events;
///
/// let events = Events::default();
/// let _listening = events.listen();
/// tracing::info!(target: "palisade_example", "example.happened");
/// assert_eq!(events.seen(), ["example.happened"]);
/// ```
#[derive(Clone, Default)]
pub struct Events(Arc<Mutex<Vec<String>>>);

impl Events {
    /// Listens on this thread until the guard is dropped; so a test on one thread hears all of its own, and nothing of
    /// its neighbours'.
    #[must_use]
    pub fn listen(&self) -> DefaultGuard {
        set_default(self.clone())
    }

    /// The events so far.
    #[must_use]
    pub fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those of some parts: `redis` for `redis.lost`.
    #[must_use]
    pub fn seen_of(&self, parts: &[&str]) -> Vec<String> {
        let of_part = |event: &String| event.split('.').next().is_some_and(|part| parts.contains(&part));
        self.seen().into_iter().filter(of_part).collect()
    }
}

impl Subscriber for Events {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("palisade") && *metadata.level() <= Level::INFO
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Message(&self.0));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Message<'a>(&'a Mutex<Vec<String>>);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{value:?}"));
        }
    }
}
