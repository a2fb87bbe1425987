//! The series of one metric.

use std::{
    fmt,
    hash::BuildHasher as _,
    sync::{Arc, PoisonError, RwLock},
};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::{Declaration, Handle, Measurement, MetricKind, Telemetry};

/// Measurements whose label values came beyond their metric's bound.
pub const OVERFLOW: Declaration = Declaration {
    name: "telemetry_series_dropped_total",
    kind: MetricKind::Counter,
    labels: &["metric"],
    help: "Measurements whose label values came beyond their metric's bound; they are under the value `other`.",
    buckets: &[],
    max_series: Declaration::MAX_SERIES,
};

/// What stands for the label values that come beyond a metric's bound.
const OTHER: &str = "other";

/// A metric with `N` labels: gives the handle of each series. A default one measures nothing.
///
/// Clones share their series. A look-up takes a lock that readers share; where even that is too much, keep the handle.
#[derive(Clone)]
pub struct Family<H: Handle, const N: usize>(Option<Arc<Inner<H, N>>>);

struct Inner<H, const N: usize> {
    telemetry: Arc<dyn Telemetry>,
    declaration: &'static Declaration,
    series: RwLock<HashTable<([Box<str>; N], H)>>,
    hasher: FixedState,
}

impl<H: Handle, const N: usize> Family<H, N> {
    /// The metric that is declared so, measured into `telemetry`.
    #[must_use]
    pub fn new(telemetry: &Arc<dyn Telemetry>, declaration: &'static Declaration) -> Self {
        if telemetry.is_off() {
            return Self(None);
        }
        telemetry.prepare(declaration);
        let inner = Inner {
            telemetry: Arc::clone(telemetry),
            declaration,
            series: RwLock::default(),
            // The seed is no secret: labels have few values, and not those that clients choose.
            hasher: FixedState::with_seed(0),
        };
        if N == 0 {
            // Its one series is there from the start, and reads zero until something happens.
            inner.with([""; N]);
        }
        Self(Some(Arc::new(inner)))
    }

    /// The handle of the series with these label values, in the order in which the labels are declared.
    #[must_use]
    pub fn with(&self, labels: [&str; N]) -> H {
        self.0.as_ref().map_or_else(H::default, |inner| inner.with(labels))
    }
}

impl<H: Handle, const N: usize> Family<H, N> {
    /// Has the series with these label values read zero before anything happens: a rate needs a value to begin from.
    pub fn at_zero(&self, labels: [&str; N]) {
        drop(self.with(labels));
    }
}

impl<H: Handle, const N: usize> Inner<H, N> {
    fn with(&self, labels: [&str; N]) -> H {
        let hash = self.hasher.hash_one(labels);
        let known = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.find(hash, |(known, _)| is_same(known, labels)).map(|(_, handle)| handle.clone());
        let is_full = known.len() >= self.declaration.max_series;
        drop(known);
        match found {
            Some(handle) => handle,
            None if is_full && labels != [OTHER; N] => {
                self.count_as_other();
                self.with([OTHER; N])
            }
            None => self.insert(hash, labels),
        }
    }

    fn count_as_other(&self) {
        if let Some(counted) = self.telemetry.series(&OVERFLOW, &[self.declaration.name]) {
            counted.measure(Measurement::Add(1));
        }
    }

    fn insert(&self, hash: u64, labels: [&str; N]) -> H {
        // Asked for outside of the lock: what answers may measure something itself.
        let handle = H::new(self.telemetry.series(self.declaration, &labels));
        let mut known = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, earlier)) = known.find(hash, |(known, _)| is_same(known, labels)) {
            return earlier.clone();
        }
        let entry = (labels.map(Box::from), handle.clone());
        known.insert_unique(hash, entry, |(labels, _)| {
            self.hasher.hash_one(labels.each_ref().map(|text| &**text))
        });
        handle
    }
}

fn is_same<const N: usize>(known: &[Box<str>; N], labels: [&str; N]) -> bool {
    known.iter().zip(labels).all(|(known, label)| **known == *label)
}

impl<H: Handle, const N: usize> Default for Family<H, N> {
    fn default() -> Self {
        Self(None)
    }
}

impl<H: Handle, const N: usize> fmt::Debug for Family<H, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.as_ref().map(|inner| inner.declaration.name);
        f.debug_tuple("Family").field(&name.unwrap_or("off")).finish()
    }
}
