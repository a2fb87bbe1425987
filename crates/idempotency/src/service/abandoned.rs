//! Keys whose request was dropped half-way. Dropping cannot wait for a store, so they are noted here and freed by the
//! next request that carries a key: a retry to this process finds its key free. Elsewhere, or past the bound, the
//! end of the lease frees them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Owner, Slot};

/// The most that are noted.
const MOST: usize = 1_024;
/// How many one request frees, so that none waits long for others.
const AT_ONCE: usize = 16;

#[derive(Default)]
pub(super) struct Abandoned(Mutex<Vec<(Slot, Owner)>>);

impl Abandoned {
    pub(super) fn put(&self, slot: Slot, owner: Owner) {
        let mut noted = self.lock();
        if noted.len() < MOST {
            noted.push((slot, owner));
        }
    }

    /// The latest, whose retries are yet to come.
    pub(super) fn take_some(&self) -> Vec<(Slot, Owner)> {
        let mut noted = self.lock();
        let rest = noted.len().saturating_sub(AT_ONCE);
        noted.split_off(rest)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Slot, Owner)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
