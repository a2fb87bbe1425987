//! Keeps what is measured, for those who read it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use super::{Declaration, Measure, Reading, Telemetry, cell::Cell};

/// Keeps the values of all series. It is what is behind `/metrics` and the export by OTLP.
#[derive(Default)]
pub struct Registry {
    families: RwLock<BTreeMap<&'static str, Kept>>,
    refreshes: Mutex<Vec<Arc<dyn Fn() + Send + Sync>>>,
}

struct Kept {
    declaration: Declaration,
    series: BTreeMap<Box<[Box<str>]>, Arc<Cell>>,
}

/// The series of one metric at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilyReading {
    /// The metric.
    pub declaration: Declaration,
    /// Its series, by their label values.
    pub series: Vec<SeriesReading>,
}

/// One series at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesReading {
    /// The values of the labels, in the order of the declaration.
    pub labels: Box<[Box<str>]>,
    /// The value.
    pub value: Reading,
}

impl Registry {
    /// A registry that has kept nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows these metrics from the start, though nothing of them has happened: without series, but with what they tell.
    pub fn declare(&self, metrics: &[Declaration]) {
        let mut families = self.families.write().unwrap_or_else(PoisonError::into_inner);
        for metric in metrics {
            kept(&mut families, metric);
        }
    }

    /// Every metric that was declared or measured, by name, as it is now.
    #[must_use]
    pub fn read(&self) -> Vec<FamilyReading> {
        let refreshes = self.refreshes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        refreshes.iter().for_each(|refresh| refresh());
        let families = self.families.read().unwrap_or_else(PoisonError::into_inner);
        families.values().map(Kept::read).collect()
    }
}

/// The metric that is declared so, which is kept from now on.
fn kept<'a>(families: &'a mut BTreeMap<&'static str, Kept>, metric: &Declaration) -> &'a mut Kept {
    families.entry(metric.name).or_insert_with(|| Kept { declaration: *metric, series: BTreeMap::new() })
}

impl Kept {
    fn read(&self) -> FamilyReading {
        let series = self.series.iter();
        FamilyReading {
            declaration: self.declaration,
            series: series
                .map(|(labels, cell)| SeriesReading { labels: labels.clone(), value: cell.read() })
                .collect(),
        }
    }
}

impl Telemetry for Registry {
    fn series(&self, metric: &Declaration, labels: &[&str]) -> Option<Arc<dyn Measure>> {
        let mut families = self.families.write().unwrap_or_else(PoisonError::into_inner);
        let labels = labels.iter().copied().map(Box::from).collect();
        let cell =
            kept(&mut families, metric).series.entry(labels).or_insert_with(|| Arc::new(Cell::new(metric)));
        Some(Arc::clone(cell) as Arc<dyn Measure>)
    }

    fn before_reading(&self, refresh: Box<dyn Fn() + Send + Sync>) {
        self.refreshes.lock().unwrap_or_else(PoisonError::into_inner).push(refresh.into());
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let families = self.families.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Registry").field("metrics", &families.len()).finish_non_exhaustive()
    }
}
