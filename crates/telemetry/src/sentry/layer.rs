//! From an event of the log to Sentry's queue.

use std::{
    fmt::{self, Debug, Write},
    hash::Hasher,
    sync::Arc,
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_log::NormalizeEvent as _;
use tracing_subscriber::{Layer, layer::Context};

use super::{Inner, event::Source, fields::Fields};
use crate::{correlation, export, logs::Each};

/// Makes each error an event of Sentry's.
pub(super) struct Errors(Arc<Inner>);

impl Errors {
    pub(super) const fn new(inner: Arc<Inner>) -> Self {
        Self(inner)
    }

    /// Whether this one is not like too many before it. Looked at before anything is masked and laid out: in an outage most
    /// are.
    fn is_wanted(&self, event: &Event<'_>) -> bool {
        let mut fingerprint = Fingerprint { hasher: self.0.bursts.hasher(), left: 0 };
        event.record(&mut fingerprint);
        self.0.bursts.admit(fingerprint.hasher.finish())
    }
}

impl<S: Subscriber> Layer<S> for Errors {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        if *event.metadata().level() != Level::ERROR {
            return;
        }
        let normalized = event.normalized_metadata();
        let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
        let target = metadata.target();
        let inner = &*self.0;
        if export::is_of_the_sender(target) || inner.outbox.is_own_thread() || !inner.sampler.picks() {
            return;
        }
        if !self.is_wanted(event) {
            return inner.outbox.drop_more(1);
        }
        let mut shown = String::new();
        let mut fields = Fields::new(&inner.masker, &mut shown);
        event.record(&mut Each(&mut fields));
        let source = Source { target, context: correlation::present(), masker: &inner.masker };
        inner.client.capture_event(source.event(fields.told()), None);
    }
}

/// Takes in what tells one failure from another.
struct Fingerprint<H> {
    hasher: H,
    left: usize,
}

/// How much of a text is looked at.
const LOOKED_AT: usize = 1_024;

impl<H: Hasher> Visit for Fingerprint<H> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if matches!(field.name(), "message" | "code" | "route" | "location") {
            self.hasher.write(field.name().as_bytes());
            self.left = LOOKED_AT;
            let _ = write!(self, "{value:?}");
        }
    }
}

impl<H: Hasher> Write for Fingerprint<H> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let seen = text.get(..text.floor_char_boundary(self.left)).unwrap_or(text);
        self.hasher.write(seen.as_bytes());
        self.left -= seen.len();
        if seen.len() < text.len() { Err(fmt::Error) } else { Ok(()) }
    }
}
