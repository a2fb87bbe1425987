//! Where the measurements of a series come together.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use palisade_core::{Clock as _, SystemClock, TraceContext};

use super::{Declaration, Measure, Measurement, MetricKind};

/// The value of a series, without a lock but for exemplars.
pub(super) enum Cell {
    Counter {
        count: AtomicU64,
        /// A total that is counted elsewhere, as the bits of a float.
        total: AtomicU64,
    },
    /// The bits of a float.
    Gauge(AtomicU64),
    Histogram(Buckets),
}

pub(super) struct Buckets {
    bounds: &'static [f64],
    /// One for each bound, and one for what is above all.
    counts: Box<[Bucket]>,
    /// The bits of a float.
    sum: AtomicU64,
}

#[derive(Default)]
struct Bucket {
    count: AtomicU64,
    exemplar: Mutex<Option<Exemplar>>,
}

/// A measurement that stands for its bucket, and the trace in which it was made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exemplar {
    /// What was measured.
    pub value: f64,
    /// In which trace.
    pub trace: TraceContext,
    /// When.
    pub at: SystemTime,
}

/// The value of a series at one moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// How many there have been.
    Counter(f64),
    /// The present value.
    Gauge(f64),
    /// How many values fell in each bucket.
    Histogram {
        /// All values together.
        sum: f64,
        /// For each bound, and at last for what is above all (`f64::INFINITY`): how many values were in its bucket
        /// and no lower one, and one of them with its trace.
        buckets: Vec<(f64, u64, Option<Exemplar>)>,
    },
}

impl Cell {
    pub(super) fn new(metric: &Declaration) -> Self {
        match metric.kind {
            MetricKind::Counter => Self::Counter { count: AtomicU64::new(0), total: AtomicU64::new(0) },
            MetricKind::Gauge => Self::Gauge(AtomicU64::new(0)),
            MetricKind::Histogram => Self::Histogram(Buckets {
                bounds: metric.buckets,
                counts: (0..=metric.buckets.len()).map(|_| Bucket::default()).collect(),
                sum: AtomicU64::new(0),
            }),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "exact below 2⁵³")]
    pub(super) fn read(&self) -> Reading {
        match self {
            Self::Counter { count, total } => {
                Reading::Counter(count.load(Ordering::Relaxed) as f64 + float(total))
            }
            Self::Gauge(value) => Reading::Gauge(float(value)),
            Self::Histogram(buckets) => buckets.read(),
        }
    }
}

impl Measure for Cell {
    fn measure(&self, measurement: Measurement<'_>) {
        match (self, measurement) {
            (Self::Counter { count, .. }, Measurement::Add(more)) => {
                count.fetch_add(more, Ordering::Relaxed);
            }
            // Two who read at once may tell in the wrong order; a counter must not fall.
            (Self::Counter { total, .. }, Measurement::Total(amount)) => {
                update(total, |before| before.max(amount));
            }
            (Self::Gauge(value), Measurement::Set(now)) => value.store(now.to_bits(), Ordering::Relaxed),
            (Self::Histogram(buckets), Measurement::Observe(value, trace)) => buckets.observe(value, trace),
            // A handle is of its metric's kind.
            _ => {}
        }
    }
}

impl Buckets {
    fn observe(&self, value: f64, trace: Option<&TraceContext>) {
        let index = self.bounds.iter().position(|bound| value <= *bound).unwrap_or(self.bounds.len());
        if let Some(bucket) = self.counts.get(index) {
            bucket.count.fetch_add(1, Ordering::Relaxed);
            update(&self.sum, |sum| sum + value);
            if let Some(trace) = trace.filter(|trace| trace.sampled) {
                bucket.keep(Exemplar { value, trace: *trace, at: SystemClock.now().into() });
            }
        }
    }

    fn read(&self) -> Reading {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        let buckets = bounds.zip(&self.counts);
        Reading::Histogram {
            sum: float(&self.sum),
            buckets: buckets
                .map(|(bound, bucket)| (bound, bucket.count.load(Ordering::Relaxed), bucket.exemplar()))
                .collect(),
        }
    }
}

impl Bucket {
    /// An exemplar is one of many: whoever would have to wait goes without.
    fn keep(&self, exemplar: Exemplar) {
        if let Ok(mut place) = self.exemplar.try_lock() {
            *place = Some(exemplar);
        }
    }

    fn exemplar(&self) -> Option<Exemplar> {
        *self.exemplar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn float(bits: &AtomicU64) -> f64 {
    f64::from_bits(bits.load(Ordering::Relaxed))
}

fn update(bits: &AtomicU64, change: impl Fn(f64) -> f64) {
    let change = |bits| Some(change(f64::from_bits(bits)).to_bits());
    // It never declines, so it never fails.
    let _ = bits.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change);
}
