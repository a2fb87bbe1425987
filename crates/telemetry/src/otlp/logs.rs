//! Log records.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber},
    resource::v1::Resource,
};
use palisade_core::{Clock as _, SystemClock};
use prost::Message as _;
use tracing::{Event, Level, Subscriber};
use tracing_log::NormalizeEvent as _;
use tracing_subscriber::{Layer, layer::Context};

use super::{
    OtlpError, OtlpSettings, Signal, collector,
    convert::{any, attribute, nanos, scope, text},
};
use crate::{
    correlation,
    export::{self, Outbox},
    logs::{self, Each, Hider, MAX_TEXT, TakeFields},
    mask::Masker,
};

pub(super) fn outbox(
    settings: &OtlpSettings,
    resource: &Resource,
) -> Result<Arc<Outbox<LogRecord>>, OtlpError> {
    let sender = collector::sender(settings, Signal::Logs)?;
    let resource = resource.clone();
    let encode = move |log_records| {
        let logs = ScopeLogs { scope: Some(scope()), log_records, ..ScopeLogs::default() };
        let logs = ResourceLogs {
            resource: Some(resource.clone()),
            scope_logs: vec![logs],
            ..ResourceLogs::default()
        };
        ExportLogsServiceRequest { resource_logs: vec![logs] }.encode_to_vec()
    };
    Ok(Outbox::start("otlp-logs", settings.log_pace(), sender, encode)?)
}

/// Makes each event a log record, its texts masked.
pub(super) struct Records {
    outbox: Arc<Outbox<LogRecord>>,
    masker: Masker,
}

impl Records {
    pub(super) const fn new(outbox: Arc<Outbox<LogRecord>>, masker: Masker) -> Self {
        Self { outbox, masker }
    }
}

impl<S: Subscriber> Layer<S> for Records {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let normalized = event.normalized_metadata();
        let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
        let target = metadata.target();
        if export::is_of_the_sender(target) {
            return;
        }
        let mut shown = String::new();
        let hider = Hider::new(&self.masker, &mut shown);
        let mut fields = Fields { hider, message: String::new(), attributes: Vec::new() };
        event.record(&mut Each(&mut fields));
        let Fields { message, mut attributes, .. } = fields;
        attributes.push(text("target", target.to_owned()));
        let (severity, name) = severity(*metadata.level());
        let mut record = LogRecord {
            time_unix_nano: nanos(SystemClock.now().into()),
            severity_number: severity.into(),
            severity_text: name.to_owned(),
            body: Some(any(Value::StringValue(message.clone()))),
            event_name: message,
            attributes,
            ..LogRecord::default()
        };
        record.observed_time_unix_nano = record.time_unix_nano;
        if let Some(context) = correlation::present() {
            if !record.attributes.iter().any(|attribute| attribute.key == "request_id") {
                let id = self.masker.text(context.request_id.as_str()).into_owned();
                record.attributes.push(text("request_id", id));
            }
            if let Some(trace) = context.trace {
                record.trace_id = trace.trace_id.to_vec();
                record.span_id = trace.parent_id.to_vec();
                record.flags = u32::from(trace.sampled);
            }
        }
        self.outbox.push(record);
    }
}

/// Takes in the fields of an event, hidden as in the log's own lines.
struct Fields<'a> {
    hider: Hider<'a>,
    message: String,
    attributes: Vec<KeyValue>,
}

impl TakeFields for Fields<'_> {
    fn add(&mut self, name: &'static str, value: logs::Value<'_>) {
        let Self { hider, message, attributes } = self;
        hider.with(name, value, |value| match (name, scalar(value)) {
            ("message", Value::StringValue(text)) => *message = text,
            (name, value) => attributes.push(attribute(name, value)),
        });
    }
}

/// A value that is no text, or the start of one.
fn scalar(value: logs::Value<'_>) -> Value {
    let text = match value {
        logs::Value::Bool(value) => return Value::BoolValue(value),
        logs::Value::Signed(value) => return Value::IntValue(value),
        logs::Value::Float(value) => return Value::DoubleValue(value),
        logs::Value::Unsigned(value) => match i64::try_from(value) {
            Ok(value) => return Value::IntValue(value),
            Err(_) => value.to_string(),
        },
        logs::Value::Str(text) => text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or(text).to_owned(),
        logs::Value::Text(text) => text.to_string(),
    };
    Value::StringValue(text)
}

/// OpenTelemetry's names and numbers of levels (logs data model, "Severity Fields").
fn severity(level: Level) -> (SeverityNumber, &'static str) {
    match level {
        Level::ERROR => (SeverityNumber::Error, "ERROR"),
        Level::WARN => (SeverityNumber::Warn, "WARN"),
        Level::INFO => (SeverityNumber::Info, "INFO"),
        Level::DEBUG => (SeverityNumber::Debug, "DEBUG"),
        Level::TRACE => (SeverityNumber::Trace, "TRACE"),
    }
}
