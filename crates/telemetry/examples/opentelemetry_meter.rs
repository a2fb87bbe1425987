//! A meter provider of OpenTelemetry that a service has receives what our crates measure.
#![expect(clippy::print_stdout, reason = "it is a program")]

use std::{error::Error, sync::Arc};

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::{
    InMemoryMetricExporter, SdkMeterProvider,
    data::{AggregatedMetrics, Metric, MetricData},
};
use palisade_telemetry::{meter::MeterTelemetry, metrics::Telemetry};

palisade_telemetry::metrics! {
    /// What one of our crates measures.
    struct Metrics {
        /// Meals that went out.
        served: Counter["dish"] = "kitchen_meals_total",
        /// Meals that are being cooked, by how.
        cooking: Gauge["way"] = "kitchen_meals_cooking",
        /// How long a meal took.
        duration: Histogram[] = "kitchen_meal_duration_seconds",
        /// Seconds that the stove was on, as it counts itself.
        stove: Counter[] = "kitchen_stove_seconds_total",
    }
}

fn measured() -> Result<Vec<String>, Box<dyn Error>> {
    let exporter = InMemoryMetricExporter::default();
    let theirs = SdkMeterProvider::builder().with_periodic_exporter(exporter.clone()).build();

    let receiver: Arc<dyn Telemetry> = Arc::new(MeterTelemetry::new(theirs.meter("palisade")));
    let metrics = Metrics::new(&receiver);
    metrics.served.with(["soup"]).add(3);
    metrics.duration.with([]).observe(0.3);
    metrics.duration.with([]).observe(7.0);
    let looked_up = metrics.clone();
    let ways = std::sync::Mutex::new(vec!["fried", "boiled"]);
    receiver.before_reading(Box::new(move || {
        // A series that is new each time, as those of a database that is opened later.
        let way = ways.lock().ok().and_then(|mut ways| ways.pop()).unwrap_or("boiled");
        looked_up.cooking.with([way]).set(2.0);
        looked_up.stove.with([]).total_of(1.5);
    }));

    theirs.force_flush()?;
    let exported = exporter.get_finished_metrics()?;
    let metrics = exported.iter().flat_map(|all| all.scope_metrics()).flat_map(|scope| scope.metrics());
    let shown = metrics.flat_map(shown).collect();
    theirs.shutdown()?;
    Ok(shown)
}

/// One line for each data point.
fn shown(metric: &Metric) -> Vec<String> {
    let line = |labels: Vec<String>, value: String| {
        format!("{} {} {{{}}} {value}", metric.name(), metric.unit(), labels.join(","))
    };
    let labels = |attribute: &opentelemetry::KeyValue| format!("{}={}", attribute.key, attribute.value);
    match metric.data() {
        AggregatedMetrics::F64(MetricData::Sum(sum)) => sum
            .data_points()
            .map(|point| line(point.attributes().map(labels).collect(), point.value().to_string()))
            .collect(),
        AggregatedMetrics::F64(MetricData::Gauge(gauge)) => gauge
            .data_points()
            .map(|point| line(point.attributes().map(labels).collect(), point.value().to_string()))
            .collect(),
        AggregatedMetrics::F64(MetricData::Histogram(histogram)) => histogram
            .data_points()
            .map(|point| {
                let buckets = point.bounds().zip(point.bucket_counts()).filter(|(_, count)| *count > 0);
                let buckets: Vec<_> = buckets.map(|(bound, count)| format!("{count} to {bound}")).collect();
                line(point.attributes().map(labels).collect(), format!("{} in {buckets:?}", point.sum()))
            })
            .collect(),
        _ => vec![metric.name().to_owned()],
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    measured()?.iter().for_each(|line| println!("{line}"));
    Ok(())
}

#[test]
fn the_meter_of_a_service_receives_what_our_crates_measure() -> Result<(), Box<dyn Error>> {
    let mut lines = measured()?;
    lines.sort();
    let expected = [
        "kitchen_meal_duration_seconds s {} 7.3 in [\"1 to 0.5\", \"1 to 10\"]",
        "kitchen_meals_cooking 1 {way=boiled} 2",
        "kitchen_meals_cooking 1 {way=fried} 2",
        "kitchen_meals_total 1 {dish=soup} 3",
        "kitchen_stove_seconds_total s {} 1.5",
    ];
    assert_eq!(lines, expected);
    Ok(())
}
