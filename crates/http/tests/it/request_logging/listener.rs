//! Who listens to the events as they are: no line, which would be masked once more.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use palisade_testkit::wait;
use serde_json::{Map, Value};
use tokio::sync::Notify;
pub(super) use tracing::Level;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::DefaultGuard,
};

/// What was told of exchanges.
#[derive(Clone, Default)]
pub(super) struct Heard {
    events: Arc<Mutex<Vec<Value>>>,
    news: Arc<Notify>,
}

impl Heard {
    /// Listens on this thread, to this level and those above.
    pub(super) fn listen(&self, level: Level) -> DefaultGuard {
        tracing::subscriber::set_default(Listener { heard: self.clone(), level })
    }

    pub(super) fn events(&self) -> Vec<Value> {
        self.events.lock().unwrap().clone()
    }

    /// Waits until so many events were told of on other threads.
    pub(super) async fn until(&self, events: usize) {
        let told = async {
            while self.events().len() < events {
                self.news.notified().await;
            }
        };
        wait::end_of("what is told", told).await;
    }

    /// The one exchange that was told of.
    #[track_caller]
    pub(super) fn exchange(&self) -> (Value, Value) {
        let events = self.events();
        let [request, response] = &events[..] else { panic!("not two events: {events:?}") };
        assert_eq!(request["message"], "http.exchange.request", "{events:?}");
        assert_eq!(response["message"], "http.exchange.response", "{events:?}");
        (request.clone(), response.clone())
    }
}

struct Listener {
    heard: Heard,
    level: Level,
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "http.exchange" && *metadata.level() <= self.level
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        fields.0.insert("level".to_owned(), event.metadata().level().as_str().into());
        self.heard.events.lock().unwrap().push(Value::Object(fields.0));
        self.heard.news.notify_one();
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }
}
