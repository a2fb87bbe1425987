//! Keys for whose value somebody has waited in vain.

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::CacheKey;

/// Keys that are remembered. One more, and all are forgotten: their next readers wait once more.
const MOST: usize = 1_000;

/// Keys whose claim has outlasted the patience of a reader. The next readers do not wait for it too: it may never be
/// answered, and where the source is only slow, they lose nothing by asking it themselves.
#[derive(Default)]
pub(super) struct Unanswered {
    keys: Mutex<HashSet<CacheKey>>,
    /// Whether there are any, so that other readers pay one load.
    any: AtomicBool,
}

impl Unanswered {
    pub(super) fn insert(&self, key: &CacheKey) {
        self.with(|keys| {
            if keys.len() >= MOST {
                keys.clear();
            }
            keys.insert(key.clone())
        });
    }

    /// The claim has been answered or has ended.
    pub(super) fn remove(&self, key: &CacheKey) {
        if self.any.load(Ordering::Relaxed) {
            self.with(|keys| keys.remove(key));
        }
    }

    pub(super) fn contains(&self, key: &CacheKey) -> bool {
        self.any.load(Ordering::Relaxed) && self.with(|keys| keys.contains(key))
    }

    fn with<T>(&self, change: impl FnOnce(&mut HashSet<CacheKey>) -> T) -> T {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = change(&mut keys);
        self.any.store(!keys.is_empty(), Ordering::Relaxed);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_a_bounded_number_of_keys() {
        let unanswered = Unanswered::default();
        let key = |number: usize| CacheKey::new(format!("k:{number}")).unwrap();
        assert!(!unanswered.contains(&key(0)));
        (0..MOST).for_each(|number| unanswered.insert(&key(number)));
        assert!(unanswered.contains(&key(0)));
        unanswered.remove(&key(0));
        assert!(!unanswered.contains(&key(0)) && unanswered.contains(&key(1)));
        (0..3).for_each(|number| unanswered.insert(&key(MOST + number)));
        assert!(!unanswered.contains(&key(1)) && unanswered.contains(&key(MOST + 2)));
    }
}
