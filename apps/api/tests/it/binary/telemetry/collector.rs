//! What a collector reads of what it is sent.

use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    common::v1::{KeyValue, any_value::Value},
    logs::v1::LogRecord,
    metrics::v1::{Metric, metric::Data, number_data_point},
    trace::v1::Span,
};
use palisade_testkit::Inbox;
use prost::Message as _;

use crate::binary::harness::Setup;

/// The program, sending to `inbox` at once.
pub(super) fn exporting(inbox: &Inbox) -> Setup {
    Setup::new()
        .set("TELEMETRY_MODE", "otlp,prometheus")
        .set("OTEL_EXPORTER_OTLP_ENDPOINT", inbox.url(""))
        .set("OTEL_BSP_SCHEDULE_DELAY", "50")
        .set("OTEL_BLRP_SCHEDULE_DELAY", "50")
        .set("OTEL_METRIC_EXPORT_INTERVAL", "100")
}

fn bodies(inbox: &Inbox, path: &str) -> Vec<Vec<u8>> {
    let letters = inbox.letters().into_iter().filter(|letter| letter.target == path);
    letters
        .map(|letter| {
            assert_eq!(letter.header("content-type"), "application/x-protobuf");
            letter.body
        })
        .collect()
}

pub(super) fn spans(inbox: &Inbox) -> Vec<Span> {
    let requests = bodies(inbox, "/v1/traces").into_iter();
    let requests = requests.map(|body| ExportTraceServiceRequest::decode(&*body).unwrap());
    let scopes = requests.flat_map(|request| request.resource_spans).flat_map(|spans| {
        let resource = spans.resource.expect("a resource");
        assert!(resource.attributes.iter().any(|attribute| attribute.key == "service.name"));
        spans.scope_spans
    });
    scopes.flat_map(|scope| scope.spans).collect()
}

pub(super) fn logs(inbox: &Inbox) -> Vec<LogRecord> {
    let requests = bodies(inbox, "/v1/logs").into_iter();
    let requests = requests.map(|body| ExportLogsServiceRequest::decode(&*body).unwrap());
    let scopes = requests.flat_map(|request| request.resource_logs).flat_map(|logs| logs.scope_logs);
    scopes.flat_map(|scope| scope.log_records).collect()
}

/// Those of the latest request.
pub(super) fn metrics(inbox: &Inbox) -> Vec<Metric> {
    let latest = bodies(inbox, "/v1/metrics").pop().unwrap_or_default();
    let request = ExportMetricsServiceRequest::decode(&*latest).unwrap();
    let scopes = request.resource_metrics.into_iter().flat_map(|metrics| metrics.scope_metrics);
    scopes.flat_map(|scope| scope.metrics).collect()
}

/// The value of a counter or gauge with these attributes, in the latest request.
pub(super) fn number(inbox: &Inbox, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let metric = metrics(inbox).into_iter().find(|metric| metric.name == name)?;
    let points = match metric.data? {
        Data::Sum(sum) => sum.data_points,
        Data::Gauge(gauge) => gauge.data_points,
        _ => return None,
    };
    let has = |attributes: &[KeyValue], (key, value): &(&str, &str)| {
        text(attributes, key).as_deref() == Some(value)
    };
    let point = points.into_iter().find(|point| labels.iter().all(|label| has(&point.attributes, label)))?;
    match point.value? {
        number_data_point::Value::AsDouble(value) => Some(value),
        number_data_point::Value::AsInt(value) => Some(value as f64),
    }
}

/// An attribute as text.
pub(super) fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let value = attributes.iter().find(|attribute| attribute.key == key)?.value.clone()?.value?;
    Some(match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
