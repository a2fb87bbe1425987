//! What is measured, by a meter of the crate `opentelemetry` that a service has already.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Gauge, Histogram, Meter},
};

use crate::metrics::{Declaration, Measure, Measurement, MetricKind, OVERFLOW, Telemetry};

/// Passes measurements on to the instruments of a meter. Each metric becomes one, of the same name; labels become
/// attributes.
///
/// ```
/// use opentelemetry::{InstrumentationScope, metrics::MeterProvider};
/// use palisade_telemetry::{meter::MeterTelemetry, metrics::Telemetry};
///
/// /// For `Metrics::new` of any crate, or `Server::telemetry`.
/// fn receiver(theirs: &impl MeterProvider) -> impl Telemetry {
///     MeterTelemetry::new(theirs.meter("palisade"))
/// }
/// ```
pub struct MeterTelemetry {
    meter: Meter,
    instruments: RwLock<HashMap<&'static str, Instrument>>,
}

#[derive(Clone)]
enum Instrument {
    Counter(Counter<f64>),
    Gauge(Gauge<f64>),
    Histogram(Histogram<f64>),
}

impl MeterTelemetry {
    /// A receiver that measures by `meter`.
    #[must_use]
    pub fn new(meter: Meter) -> Self {
        let telemetry = Self { meter, instruments: RwLock::default() };
        telemetry.prepare(&OVERFLOW);
        telemetry
    }

    fn make(&self, metric: &Declaration) -> Instrument {
        // The units of UCUM, as OpenTelemetry wants them.
        let unit = match metric.unit() {
            Some("seconds") => "s",
            Some("bytes") => "By",
            Some("percent") => "%",
            _ => "1",
        };
        let (name, help, meter) = (metric.name, metric.help, &self.meter);
        match metric.kind {
            MetricKind::Counter => {
                Instrument::Counter(meter.f64_counter(name).with_description(help).with_unit(unit).build())
            }
            MetricKind::Gauge => {
                Instrument::Gauge(meter.f64_gauge(name).with_description(help).with_unit(unit).build())
            }
            MetricKind::Histogram => {
                let bounds = metric.buckets.to_vec();
                let histogram = meter.f64_histogram(name).with_description(help).with_unit(unit);
                Instrument::Histogram(histogram.with_boundaries(bounds).build())
            }
        }
    }
}

impl Telemetry for MeterTelemetry {
    /// Makes the instrument of a metric. It is not left to the first measurement: an SDK may hold a lock while it reads,
    /// which an instrument that is made meanwhile would wait for.
    fn prepare(&self, metric: &Declaration) {
        let mut instruments = self.instruments.write().unwrap_or_else(PoisonError::into_inner);
        instruments.entry(metric.name).or_insert_with(|| self.make(metric));
    }

    fn series(&self, metric: &Declaration, labels: &[&str]) -> Option<Arc<dyn Measure>> {
        let instruments = self.instruments.read().unwrap_or_else(PoisonError::into_inner);
        let instrument = instruments.get(metric.name)?.clone();
        let labels = metric.labels.iter().zip(labels);
        let attributes = labels.map(|(name, value)| KeyValue::new(*name, (*value).to_owned())).collect();
        Some(Arc::new(Series { instrument, attributes, total: Mutex::default() }))
    }

    fn before_reading(&self, refresh: Box<dyn Fn() + Send + Sync>) {
        // Once at once: what it measures first makes series, and later calls find them.
        refresh();
        let reads = self.meter.u64_observable_gauge("palisade.telemetry.refreshes");
        // It observes nothing, so nothing is exported of it.
        let _ = reads.with_callback(move |_| refresh()).build();
    }
}

impl fmt::Debug for MeterTelemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MeterTelemetry")
    }
}

struct Series {
    instrument: Instrument,
    attributes: Vec<KeyValue>,
    /// The highest total that was measured, where it is counted elsewhere.
    total: Mutex<f64>,
}

impl Measure for Series {
    fn measure(&self, measurement: Measurement<'_>) {
        match (&self.instrument, measurement) {
            #[expect(clippy::cast_precision_loss, reason = "exact below 2⁵³")]
            (Instrument::Counter(counter), Measurement::Add(more)) => {
                counter.add(more as f64, &self.attributes);
            }
            (Instrument::Counter(counter), Measurement::Total(amount)) => {
                let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
                let more = amount - *total;
                // A counter never falls, though two who read at once may tell in the wrong order.
                if more > 0.0 {
                    *total = amount;
                    counter.add(more, &self.attributes);
                }
            }
            (Instrument::Gauge(gauge), Measurement::Set(now)) => gauge.record(now, &self.attributes),
            (Instrument::Histogram(histogram), Measurement::Observe(value, _)) => {
                histogram.record(value, &self.attributes);
            }
            // A handle is of its metric's kind.
            _ => {}
        }
    }
}
