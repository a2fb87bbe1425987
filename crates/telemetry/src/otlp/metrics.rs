//! Metrics.

use std::{sync::Arc, time::Duration};

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{
        AggregationTemporality, Exemplar as ProtoExemplar, Gauge, Histogram, HistogramDataPoint, Metric,
        NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, exemplar, metric::Data, number_data_point,
    },
    resource::v1::Resource,
};
use palisade_core::{Clock as _, SystemClock};
use prost::Message as _;

use super::{
    OtlpError, OtlpSettings, Signal, collector,
    convert::{nanos, scope, text},
};
use crate::{
    export::{Outbox, Pace},
    metrics::{Declaration, Exemplar, FamilyReading, Reading, Registry, SeriesReading},
};

pub(super) fn outbox(
    settings: &OtlpSettings,
    resource: &Resource,
    registry: Arc<Registry>,
) -> Result<Arc<Outbox<()>>, OtlpError> {
    let sender = collector::sender(settings, Signal::Metrics)?;
    let (resource, start) = (resource.clone(), nanos(SystemClock.now().into()));
    let encode = move |_: Vec<()>| {
        let span = Span { start, now: nanos(SystemClock.now().into()) };
        let metrics = registry.read();
        // What has not happened yet has no points.
        let metrics = metrics.iter().filter(|family| !family.series.is_empty());
        let metrics = metrics.map(|family| span.metric(family)).collect();
        let metrics = ScopeMetrics { scope: Some(scope()), metrics, ..ScopeMetrics::default() };
        let metrics = ResourceMetrics {
            resource: Some(resource.clone()),
            scope_metrics: vec![metrics],
            ..ResourceMetrics::default()
        };
        ExportMetricsServiceRequest { resource_metrics: vec![metrics] }.encode_to_vec()
    };
    let delay = Duration::from_millis(settings.metric_export_interval);
    let pace = Pace { capacity: 1, batch: 1, delay, always: true };
    Ok(Outbox::start("otlp-metrics", pace, sender, encode)?)
}

/// From when to when was counted.
struct Span {
    start: u64,
    now: u64,
}

impl Span {
    fn metric(&self, family: &FamilyReading) -> Metric {
        let Declaration { name, help, .. } = family.declaration;
        Metric {
            name: name.to_owned(),
            description: help.to_owned(),
            // The units of UCUM, as OpenTelemetry wants them.
            unit: match family.declaration.unit() {
                Some("seconds") => "s",
                Some("bytes") => "By",
                Some("percent") => "%",
                _ => "1",
            }
            .to_owned(),
            data: Some(self.data(family)),
            ..Metric::default()
        }
    }

    fn data(&self, family: &FamilyReading) -> Data {
        let points = || family.series.iter().filter_map(|series| self.number(&family.declaration, series));
        let aggregation_temporality = AggregationTemporality::Cumulative.into();
        match family.declaration.kind {
            crate::metrics::MetricKind::Counter => Data::Sum(Sum {
                data_points: points().collect(),
                aggregation_temporality,
                is_monotonic: true,
            }),
            crate::metrics::MetricKind::Gauge => Data::Gauge(Gauge { data_points: points().collect() }),
            crate::metrics::MetricKind::Histogram => {
                let points =
                    family.series.iter().filter_map(|series| self.histogram(&family.declaration, series));
                Data::Histogram(Histogram { data_points: points.collect(), aggregation_temporality })
            }
        }
    }

    fn number(&self, metric: &Declaration, series: &SeriesReading) -> Option<NumberDataPoint> {
        let (Reading::Counter(value) | Reading::Gauge(value)) = series.value else { return None };
        Some(NumberDataPoint {
            attributes: attributes(metric, series),
            start_time_unix_nano: self.start,
            time_unix_nano: self.now,
            value: Some(number_data_point::Value::AsDouble(value)),
            ..NumberDataPoint::default()
        })
    }

    fn histogram(&self, metric: &Declaration, series: &SeriesReading) -> Option<HistogramDataPoint> {
        let Reading::Histogram { sum, buckets } = &series.value else { return None };
        let exemplars = buckets.iter().filter_map(|(.., exemplar)| exemplar.as_ref()).map(shown);
        Some(HistogramDataPoint {
            attributes: attributes(metric, series),
            start_time_unix_nano: self.start,
            time_unix_nano: self.now,
            count: buckets.iter().map(|(_, count, _)| count).sum(),
            sum: Some(*sum),
            bucket_counts: buckets.iter().map(|(_, count, _)| *count).collect(),
            explicit_bounds: metric.buckets.to_vec(),
            exemplars: exemplars.collect(),
            ..HistogramDataPoint::default()
        })
    }
}

fn attributes(
    metric: &Declaration,
    series: &SeriesReading,
) -> Vec<opentelemetry_proto::tonic::common::v1::KeyValue> {
    let labels = metric.labels.iter().zip(&series.labels);
    labels.map(|(name, value)| text(name, value.to_string())).collect()
}

fn shown(one: &Exemplar) -> ProtoExemplar {
    ProtoExemplar {
        time_unix_nano: nanos(one.at),
        trace_id: one.trace.trace_id.to_vec(),
        span_id: one.trace.parent_id.to_vec(),
        value: Some(exemplar::Value::AsDouble(one.value)),
        ..ProtoExemplar::default()
    }
}
