//! From an event and the spans around it to a line.

use std::{cell::RefCell, sync::Arc};

use tracing::{Event, Subscriber, span};
use tracing_log::NormalizeEvent;
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{
    counts::Counts,
    fields::{Each, TakeFields},
    hidden::Hider,
    line::{Layout, Parts},
    queue::Queue,
    stamp::Stamp,
    value::Value,
};
use crate::{Masker, correlation, metrics::METRIC_TARGET as METRIC};

/// Most bytes a thread keeps for its next line.
const KEPT: usize = 64 * 1_024;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// What a thread keeps from line to line, so that a line allocates nothing.
#[derive(Default)]
struct Scratch {
    line: String,
    message: String,
    fields: String,
    names: Vec<&'static str>,
    shown: String,
    stamp: Stamp,
}

/// Makes each event a line. Fields of the spans around it follow its own; the nearest of a name wins.
pub(super) struct Lines {
    layout: Layout,
    masker: Masker,
    queue: Arc<Queue>,
    counts: Arc<Counts>,
}

/// A span's fields in the layout's form, kept with the span.
struct SpanFields(Vec<(&'static str, String)>);

impl Lines {
    pub(super) fn new(layout: Layout, masker: Masker, queue: Arc<Queue>, counts: Arc<Counts>) -> Self {
        Self { layout, masker, queue, counts }
    }

    fn write<S>(&self, event: &Event<'_>, context: &Context<'_, S>, scratch: &mut Scratch)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let Scratch { line, message, fields, names, shown, stamp } = scratch;
        for text in [&mut *line, &mut *message, &mut *fields, &mut *shown] {
            text.clear();
            text.shrink_to(KEPT);
        }
        names.clear();
        let hider = Hider::new(&self.masker, shown);
        let is_metric = event.metadata().target() == METRIC;
        let mut record =
            Record { layout: self.layout, hider, message, fields, names, critical: false, is_metric };
        event.record(&mut Each(&mut record));
        let critical = record.critical || event.metadata().target() == "critical";
        add_spans(event, context, names, fields);
        self.add_request(names, fields);
        self.counts.count(*event.metadata().level(), critical);

        let normalized = event.normalized_metadata();
        let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
        let parts = Parts { metadata, target: metadata.target(), critical, message, fields };
        self.layout.line(line, stamp, &parts);
        if let Some(lost) = self.queue.push(line.as_bytes()) {
            self.confess(lost, line, stamp, metadata);
        }
    }

    /// Names the request for which the line is written, where the event does not.
    fn add_request(&self, names: &[&str], fields: &mut String) {
        if names.contains(&"request_id") {
            return;
        }
        if let Some(context) = correlation::present() {
            let id = self.masker.text(context.request_id.as_str());
            self.layout.field(fields, "request_id", Value::Str(&id));
            if let Some(trace) = context.trace.filter(|_| !names.contains(&"trace_id")) {
                self.layout.field(fields, "trace_id", Value::Str(trace.trace_id_text().as_str()));
            }
        }
    }

    fn record_span(&self, fields: &mut SpanFields, record: impl FnOnce(&mut SpanRecord<'_>)) {
        let mut shown = String::new();
        let hider = Hider::new(&self.masker, &mut shown);
        record(&mut SpanRecord { layout: self.layout, hider, fields });
    }

    /// Tells how many lines were lost while the reader was too slow, once there is room again.
    fn confess(&self, lost: u64, line: &mut String, stamp: &mut Stamp, metadata: &tracing::Metadata<'_>) {
        let (mut message, mut fields) = (String::new(), String::new());
        self.layout.message(&mut message, "log.lines_lost");
        self.layout.field(&mut fields, "lines", Value::Unsigned(lost));
        line.clear();
        let (message, fields) = (message.as_str(), fields.as_str());
        let parts = Parts { metadata, target: module_path!(), critical: false, message, fields };
        self.layout.line(line, stamp, &parts);
        self.queue.push(line.as_bytes());
    }
}

fn add_spans<S>(
    event: &Event<'_>,
    context: &Context<'_, S>,
    names: &mut Vec<&'static str>,
    fields: &mut String,
) where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let Some(scope) = context.event_scope(event) else { return };
    for span in scope {
        let extensions = span.extensions();
        let Some(SpanFields(own)) = extensions.get::<SpanFields>() else { continue };
        for (name, text) in own {
            if !names.contains(name) {
                names.push(name);
                fields.push_str(text);
            }
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = SpanFields(Vec::new());
        self.record_span(&mut fields, |record| attributes.record(&mut Each(record)));
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<SpanFields>() {
            self.record_span(fields, |record| values.record(&mut Each(record)));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
            Ok(mut scratch) => self.write(event, &context, &mut scratch),
            // A value that logs while it is being shown: its line is written between, from scratch.
            Err(_) => self.write(event, &context, &mut Scratch::default()),
        });
    }
}

/// Takes in the fields of an event.
struct Record<'a> {
    layout: Layout,
    hider: Hider<'a>,
    message: &'a mut String,
    fields: &'a mut String,
    names: &'a mut Vec<&'static str>,
    critical: bool,
    /// Whether it is a measurement, whose tags come as JSON.
    is_metric: bool,
}

impl TakeFields for Record<'_> {
    fn add(&mut self, name: &'static str, value: Value<'_>) {
        match (name, value) {
            ("message", value @ (Value::Text(_) | Value::Str(_))) => {
                let (layout, message) = (self.layout, &mut *self.message);
                self.hider.with("message", value, |value| {
                    if let Value::Str(text) = value {
                        layout.message(message, text);
                    }
                });
            }
            (name, value) => {
                if name == "tags" && self.is_metric {
                    self.names.push(name);
                    if let Value::Str(tags) = value {
                        self.layout.object(self.fields, name, tags);
                    }
                    return;
                }
                self.critical |= name == "critical" && matches!(value, Value::Bool(true));
                self.names.push(name);
                let (layout, fields) = (self.layout, &mut *self.fields);
                self.hider.with(name, value, |value| layout.field(fields, unreserved(name), value));
            }
        }
    }
}

/// Takes in the fields of a span.
struct SpanRecord<'a> {
    layout: Layout,
    hider: Hider<'a>,
    fields: &'a mut SpanFields,
}

impl TakeFields for SpanRecord<'_> {
    fn add(&mut self, name: &'static str, value: Value<'_>) {
        let mut text = String::new();
        let layout = self.layout;
        self.hider.with(name, value, |value| layout.field(&mut text, unreserved(name), value));
        match self.fields.0.iter_mut().find(|(present, _)| *present == name) {
            Some((_, present)) => *present = text,
            None => self.fields.0.push((name, text)),
        }
    }
}

/// A field must not pose as one of the line's own members.
fn unreserved(name: &'static str) -> &'static str {
    match name {
        "timestamp" => "field.timestamp",
        "level" => "field.level",
        "target" => "field.target",
        "message" => "field.message",
        "caller" => "field.caller",
        _ => name,
    }
}
