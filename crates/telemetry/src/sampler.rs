//! Picks some of many.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Picks a share of what happens. It draws no random numbers: turn by turn it walks the unit interval in steps of the
/// golden ratio, which covers it evenly (Weyl), so that of any `n` in a row the share is met to within a few, and what
/// comes in a rhythm is not picked by that rhythm. Clones walk together.
#[derive(Debug, Clone)]
pub struct Sampler {
    /// What a turn must stay below, as a part of 2⁶⁴; `None`: everything is picked.
    below: Option<u64>,
    turn: Arc<AtomicU64>,
}

impl Sampler {
    /// Picks `rate` of what happens: 0 none, 1 all. What is beyond is taken for the nearer of those.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of floats saturates"
        )]
        let below = (rate < 1.0).then(|| (rate.max(0.0) * 2f64.powi(64)) as u64);
        Self { below, turn: Arc::default() }
    }

    /// Whether this one is picked.
    #[must_use]
    pub fn picks(&self) -> bool {
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        self.below.is_none_or(|below| {
            below > 0 && self.turn.fetch_add(1, Ordering::Relaxed).wrapping_mul(GOLDEN) < below
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_met() {
        for (rate, picked) in
            [(0.0, 0), (0.01, 100), (0.25, 2_500), (0.9, 9_000), (1.0, 10_000), (7.0, 10_000), (-1.0, 0)]
        {
            let sampler = Sampler::new(rate);
            let count = (0..10_000).filter(|_| sampler.picks()).count();
            assert!(count.abs_diff(picked) <= 5, "{rate}: {count}");
        }
    }

    #[test]
    fn a_rhythm_is_not_picked_by_its_rhythm() {
        for period in 2..20 {
            let sampler = Sampler::new(0.1);
            let picked = (0..20_000).filter(|turn| sampler.picks() && turn % period == 0).count();
            let fair = 2_000 / period;
            assert!(picked.abs_diff(fair) <= fair / 5 + 5, "{period}: {picked} of {fair}");
        }
    }
}
