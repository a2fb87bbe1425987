//! What is measured, in a registry of the crate `prometheus` that a service has already.

use std::{collections::HashMap, sync::Arc};

use prometheus::{
    core::{Collector, Desc},
    proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType},
};

use crate::metrics::{Declaration, FamilyReading, MetricKind, Reading, Registry, SeriesReading};

/// A receiver of measurements that `theirs` shows beside what it has. They keep their own names; a prefix and labels of
/// the registry are added as to everything else. Exemplars are left out: the crate has none.
///
/// ```
/// use palisade_telemetry::{metrics::{Registry, Telemetry}, prometheus_registry};
///
/// let theirs = prometheus::Registry::new();
/// let receiver = prometheus_registry::receiver(&theirs)?; // for `Metrics::new` of any crate, or `Server::telemetry`
/// # let _: &dyn Telemetry = &*receiver;
/// # Ok::<(), prometheus::Error>(())
/// ```
///
/// # Errors
/// When the registry has such a receiver already.
pub fn receiver(theirs: &prometheus::Registry) -> Result<Arc<Registry>, prometheus::Error> {
    let registry = Arc::new(Registry::new());
    let named = Desc::new(
        "palisade_measurements".to_owned(),
        "What the crates of Palisade measure.".to_owned(),
        Vec::new(),
        HashMap::new(),
    )?;
    theirs.register(Box::new(Measured { registry: Arc::clone(&registry), named }))?;
    Ok(registry)
}

/// Reads the measurements whenever the service's registry is read.
struct Measured {
    registry: Arc<Registry>,
    /// A collector is known by its descriptions, and ours has metrics that are not known yet.
    named: Desc,
}

impl Collector for Measured {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.named]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.registry.read().iter().map(family).collect()
    }
}

fn family(read: &FamilyReading) -> MetricFamily {
    let declared = &read.declaration;
    let mut family = MetricFamily::default();
    family.set_name(declared.name.to_owned());
    family.set_help(declared.help.to_owned());
    family.set_field_type(match declared.kind {
        MetricKind::Counter => MetricType::COUNTER,
        MetricKind::Gauge => MetricType::GAUGE,
        MetricKind::Histogram => MetricType::HISTOGRAM,
    });
    family.set_metric(read.series.iter().map(|series| metric(declared, series)).collect());
    family
}

fn metric(declared: &Declaration, series: &SeriesReading) -> Metric {
    let labels = declared.labels.iter().zip(&series.labels).map(|(name, value)| {
        let mut label = LabelPair::default();
        label.set_name((*name).to_owned());
        label.set_value(value.to_string());
        label
    });
    let mut metric = Metric::from_label(labels.collect());
    match &series.value {
        Reading::Counter(value) => {
            let mut counter = Counter::default();
            counter.set_value(*value);
            metric.set_counter(counter);
        }
        Reading::Gauge(value) => {
            let mut gauge = Gauge::default();
            gauge.set_value(*value);
            metric.set_gauge(gauge);
        }
        Reading::Histogram { sum, buckets } => {
            metric.set_histogram(histogram(*sum, buckets.iter().map(|(bound, count, _)| (*bound, *count))));
        }
    }
    metric
}

/// Prometheus counts in each bucket what is in the lower ones, too. The encoder adds the one that is above all.
fn histogram(sum: f64, buckets: impl Iterator<Item = (f64, u64)>) -> Histogram {
    let (mut count, mut finite) = (0, Vec::new());
    for (bound, more) in buckets {
        count += more;
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(bound);
        bucket.set_cumulative_count(count);
        if bound.is_finite() {
            finite.push(bucket);
        }
    }
    let mut histogram = Histogram::default();
    histogram.set_bucket(finite);
    histogram.set_sample_count(count);
    histogram.set_sample_sum(sum);
    histogram
}
