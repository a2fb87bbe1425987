//! How many errors of each kind went out.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use palisade_core::{Kind, error::CATALOGUE};

/// Counts of rendered errors, one for each row of the catalogue. Clones share their counts.
#[derive(Debug, Clone)]
pub struct ErrorTotals(Arc<[AtomicU64]>);

impl ErrorTotals {
    /// Counts that stand at zero.
    #[must_use]
    pub fn new() -> Self {
        Self(CATALOGUE.iter().map(|_| AtomicU64::new(0)).collect())
    }

    /// Counts one error.
    pub fn count(&self, kind: Kind) {
        if let Some(total) = self.of(kind) {
            total.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many errors of `kind` were counted.
    #[must_use]
    pub fn get(&self, kind: Kind) -> u64 {
        self.of(kind).map_or(0, |total| total.load(Ordering::Relaxed))
    }

    /// Each kind with its count, in the catalogue's order.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, u64)> + '_ {
        CATALOGUE.iter().zip(self.0.iter()).map(|(entry, total)| (entry.kind, total.load(Ordering::Relaxed)))
    }

    fn of(&self, kind: Kind) -> Option<&AtomicU64> {
        let row = CATALOGUE.iter().position(|entry| entry.kind == kind)?;
        self.0.get(row)
    }
}

impl Default for ErrorTotals {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_their_counts_and_kinds_do_not() {
        let totals = ErrorTotals::new();
        totals.clone().count(Kind::NotFound);
        totals.count(Kind::NotFound);
        assert_eq!(totals.get(Kind::NotFound), 2);
        assert_eq!(totals.iter().map(|(_, total)| total).sum::<u64>(), 2);
    }
}
