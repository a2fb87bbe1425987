//! What receives measurements.

use std::sync::Arc;

use palisade_core::TraceContext;

use super::Declaration;

/// Receives what is measured. Implementations are chosen once, where the program is put together, and given to each
/// part's `Metrics::new`.
pub trait Telemetry: Send + Sync {
    /// Hears of a metric before the first of its series: for backends that have an instrument for each metric. Every
    /// [`Family`](super::Family) announces its own.
    fn prepare(&self, metric: &Declaration) {
        let _ = metric;
    }

    /// Where the measurements of one series go; `None` where nobody wants them. `labels` are values in the order of
    /// the declaration. It is asked once for a series, and what it answers is kept: it may take its time.
    fn series(&self, metric: &Declaration, labels: &[&str]) -> Option<Arc<dyn Measure>>;

    /// Whether it receives nothing at all, so that nobody need ask it for a series.
    fn is_off(&self) -> bool {
        false
    }

    /// Has `refresh` called each time before what was measured is read: for values that are looked up rather than
    /// counted. A backend that is never read does nothing. `refresh` makes no new metrics.
    fn before_reading(&self, refresh: Box<dyn Fn() + Send + Sync>) {
        drop(refresh);
    }
}

/// Takes the measurements of one series. It is called wherever something happens: it must neither wait nor fail.
pub trait Measure: Send + Sync {
    /// Takes one measurement.
    fn measure(&self, measurement: Measurement<'_>);
}

impl<F: Fn(Measurement<'_>) + Send + Sync> Measure for F {
    fn measure(&self, measurement: Measurement<'_>) {
        self(measurement);
    }
}

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Measurement<'a> {
    /// So many more of what a counter counts.
    Add(u64),
    /// How many there have been in all, of what is counted elsewhere.
    Total(f64),
    /// The present value of a gauge.
    Set(f64),
    /// A value that a histogram counts, and the trace in which it was measured, if that is recorded.
    Observe(f64, Option<&'a TraceContext>),
}

/// Receives nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Off;

impl Off {
    /// For constructors that take a receiver.
    #[must_use]
    pub fn shared() -> Arc<dyn Telemetry> {
        Arc::new(Self)
    }
}

impl Telemetry for Off {
    fn is_off(&self) -> bool {
        true
    }

    fn series(&self, _: &Declaration, _: &[&str]) -> Option<Arc<dyn Measure>> {
        None
    }
}

/// Passes measurements on to several.
pub struct Several(pub Vec<Arc<dyn Telemetry>>);

impl Telemetry for Several {
    fn prepare(&self, metric: &Declaration) {
        self.0.iter().for_each(|one| one.prepare(metric));
    }

    fn series(&self, metric: &Declaration, labels: &[&str]) -> Option<Arc<dyn Measure>> {
        let mut wanted: Vec<_> = self.0.iter().filter_map(|one| one.series(metric, labels)).collect();
        match wanted.len() {
            0 | 1 => wanted.pop(),
            _ => Some(Arc::new(move |measurement: Measurement<'_>| {
                wanted.iter().for_each(|one| one.measure(measurement));
            })),
        }
    }

    fn before_reading(&self, refresh: Box<dyn Fn() + Send + Sync>) {
        let refresh: Arc<dyn Fn() + Send + Sync> = refresh.into();
        for one in &self.0 {
            let refresh = Arc::clone(&refresh);
            one.before_reading(Box::new(move || refresh()));
        }
    }
}
