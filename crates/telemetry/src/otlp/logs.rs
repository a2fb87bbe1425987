//! Log records.

use std::{
    error::Error,
    fmt::{Debug, Write as _},
    sync::Arc,
};

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber},
    resource::v1::Resource,
};
use palisade_core::{Clock as _, SystemClock};
use prost::Message as _;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_log::NormalizeEvent as _;
use tracing_subscriber::{Layer, layer::Context};

use super::{
    OtlpError, OtlpSettings, Signal, collector,
    convert::{any, attribute, nanos, scope, text},
};
use crate::{
    correlation,
    export::{OF_THE_SENDER, Outbox},
    mask::Masker,
};

/// Most bytes of one text, as in the log's own lines.
const MAX_TEXT: usize = 8 * 1_024;

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
        if OF_THE_SENDER.iter().any(|of| target.starts_with(of)) {
            return;
        }
        let mut fields = Fields { masker: &self.masker, message: String::new(), attributes: Vec::new() };
        event.record(&mut fields);
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

struct Fields<'a> {
    masker: &'a Masker,
    message: String,
    attributes: Vec<KeyValue>,
}

impl Fields<'_> {
    fn text(&mut self, field: &Field, value: &str) {
        let masked = self.masker.value(field.name(), value);
        let kept = masked.get(..masked.floor_char_boundary(MAX_TEXT)).unwrap_or_default().to_owned();
        match field.name() {
            "message" => self.message = kept,
            name if name.starts_with("log.") => {}
            name => self.attributes.push(text(name, kept)),
        }
    }

    fn value(&mut self, field: &Field, value: Value) {
        if self.masker.is_sensitive(field.name()) {
            return self.text(field, "");
        }
        self.attributes.push(attribute(field.name(), value));
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.value(field, Value::BoolValue(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.value(field, Value::IntValue(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.value(field, Value::IntValue(value)),
            Err(_) => self.text(field, &value.to_string()),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.value(field, Value::DoubleValue(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut chain = value.to_string();
        for cause in std::iter::successors(value.source(), |error| (*error).source()) {
            // A string takes everything.
            let _ = write!(chain, ": {cause}");
        }
        self.text(field, &chain);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, &format!("{value:?}"));
    }
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
