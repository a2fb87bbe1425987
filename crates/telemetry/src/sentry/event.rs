//! An event as Sentry wants it (<https://develop.sentry.dev/sdk/data-model/event-payloads>).

use std::borrow::Cow;

use ::sentry::{
    Level,
    protocol::{Context, Event, Exception, Frame, Mechanism, SpanId, Stacktrace, TraceContext, TraceId},
};
use palisade_core::{Clock as _, RequestContext, SystemClock};

use super::fields::Told;
use crate::{mask::Masker, panics::PANIC};

/// The longest value of a tag, in characters (event payloads, "Tags").
const LONGEST_TAG: usize = 200;
/// The longest type of an exception.
const LONGEST_TYPE: usize = 128;

/// Where an event comes from.
pub(super) struct Source<'a> {
    pub(super) target: &'a str,
    /// The request for which it was logged.
    pub(super) context: Option<RequestContext>,
    pub(super) masker: &'a Masker,
}

impl Source<'_> {
    /// What is told, as an event. One failure is one issue: what has the same message, code and route, and for panics the
    /// same place.
    pub(super) fn event(&self, mut told: Told) -> Event<'static> {
        let is_critical = told.is_critical || self.target == "critical";
        let mut event = Event {
            level: if is_critical { Level::Fatal } else { Level::Error },
            timestamp: SystemClock.now().into(),
            fingerprint: fingerprint(&told),
            exception: exceptions(&mut told).into(),
            message: Some(told.message),
            tags: told.tags,
            extra: told.extra,
            ..Event::default()
        };
        event.tags.insert("target".to_owned(), self.masker.text(self.target).into_owned());
        if let Some(context) = &self.context {
            self.add_request(&mut event, context);
        }
        event.tags.retain(|_, value| {
            *value = tag(value);
            !value.is_empty()
        });
        event
    }

    fn add_request(&self, event: &mut Event<'static>, context: &RequestContext) {
        let id = || self.masker.text(context.request_id.as_str()).into_owned();
        event.tags.entry("request_id".to_owned()).or_insert_with(id);
        let Some(trace) = context.trace else { return };
        event.tags.entry("trace_id".to_owned()).or_insert_with(|| trace.trace_id_text());
        let place = TraceContext {
            trace_id: TraceId::from(trace.trace_id),
            span_id: SpanId::from(trace.parent_id),
            ..TraceContext::default()
        };
        event.contexts.insert("trace".to_owned(), Context::from(place));
    }
}

fn fingerprint(told: &Told) -> Cow<'static, [Cow<'static, str>]> {
    let tag = |name: &str| told.tags.get(name).cloned().unwrap_or_default();
    let mut parts = vec![told.message.clone(), tag("code"), tag("route")];
    if told.message == PANIC {
        parts.extend(location(told).map(ToOwned::to_owned));
    }
    parts.into_iter().map(Cow::Owned).collect()
}

/// What went wrong and why; Sentry wants the first cause first.
fn exceptions(told: &mut Told) -> Vec<Exception> {
    let is_panic = told.message == PANIC;
    let frame = location(told).filter(|_| is_panic).map(frame);
    let mechanism = Mechanism {
        ty: if is_panic { "panic" } else { "tracing" }.to_owned(),
        handled: Some(!is_panic),
        ..Mechanism::default()
    };
    let links = std::mem::take(&mut told.errors).into_iter().chain(std::mem::take(&mut told.causes));
    let mut exceptions: Vec<Exception> = links
        .map(|link| Exception { ty: "cause".to_owned(), value: Some(link), ..Exception::default() })
        .collect();
    if let Some(outermost) = exceptions.first_mut() {
        outermost.ty = cut(&told.message, LONGEST_TYPE);
        outermost.mechanism = Some(mechanism);
        outermost.stacktrace = frame.map(|frame| Stacktrace { frames: vec![frame], ..Stacktrace::default() });
    }
    exceptions.reverse();
    exceptions
}

/// Where a panic was, as its line says: `file:line:column`.
fn location(told: &Told) -> Option<&str> {
    told.extra.get("location")?.as_str()
}

fn frame(location: &str) -> Frame {
    let mut parts = location.rsplitn(3, ':');
    let (column, line, file) = (parts.next(), parts.next(), parts.next());
    Frame {
        filename: Some(file.unwrap_or(location).to_owned()),
        lineno: line.and_then(|line| line.parse().ok()),
        colno: column.and_then(|column| column.parse().ok()),
        ..Frame::default()
    }
}

/// A tag has one line.
fn tag(value: &str) -> String {
    cut(value, LONGEST_TAG).replace(char::is_control, " ")
}

fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}
