//! What these tests need.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use palisade_redis::{Redis, Settings, State};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// The time limit of a command in these tests: short against every bound, long for a busy machine.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(250);
/// A lost server that works again is found within this.
pub(crate) const FOUND_WITHIN: Duration = Duration::from_secs(5);

pub(crate) fn settings(port: u16) -> Settings {
    let timeout_ms = u64::try_from(TIMEOUT.as_millis()).unwrap();
    Settings { timeout_ms, ..Settings::for_url(format!("redis://127.0.0.1:{port}")) }
}

pub(crate) async fn connect(port: u16) -> Redis {
    Redis::connect(&settings(port)).await.unwrap().unwrap()
}

/// Waits until it is up, and gives how long that took.
pub(crate) async fn found(redis: &Redis) -> Duration {
    let start = Instant::now();
    let mut state = redis.watch();
    let up = state.wait_for(|state| matches!(state, State::Up { .. }));
    tokio::time::timeout(FOUND_WITHIN, up).await.expect("it is found in time").unwrap();
    start.elapsed()
}

/// Waits until it is down, by asking nobody.
pub(crate) async fn lost(redis: &Redis) {
    let mut state = redis.watch();
    let down = state.wait_for(|state| matches!(state, State::Down { .. }));
    tokio::time::timeout(FOUND_WITHIN, down).await.expect("the loss is noticed").unwrap();
}

/// Keeps the names of the events that are logged.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Mutex<Vec<String>>>);

impl Events {
    /// Listens on this thread until the guard is dropped.
    pub(crate) fn listen(&self) -> tracing::subscriber::DefaultGuard {
        tracing::subscriber::set_default(self.clone())
    }

    /// The events so far, of level INFO and above.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Subscriber for Events {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("palisade") && *metadata.level() <= tracing::Level::INFO
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
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}
