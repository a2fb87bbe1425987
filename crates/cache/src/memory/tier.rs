//! What a cache in memory does as the near tier of another.

use std::time::Duration;

use moka::ops::compute::Op;

use super::{
    MemoryCache,
    slot::{Slot, State},
};
use crate::{CacheKey, Hit, Over, Pattern, Token};

impl MemoryCache {
    /// Notes that a copy of the key is being fetched; says whether the caller is the one to put it here.
    pub(crate) fn expect(&self, key: &CacheKey, claim: Token, span: Duration) -> bool {
        let granted = self.change(key, |standing, now| match standing {
            Some(_) => (Op::Nop, false),
            None => (Op::Put(Slot::new(State::Reading(claim), now, span, &[])), true),
        });
        granted.unwrap_or_default()
    }

    /// Keeps the copy, or gives the place up, unless the key was forgotten since it was expected.
    pub(crate) fn receive(&self, key: &CacheKey, claim: Token, copy: Option<&Hit>) {
        self.change(key, |standing, now| match (standing, copy) {
            (Some(slot), Some(hit)) if slot.is(Over::Claim(claim)) => (Op::Put(Slot::copy_of(hit, now)), ()),
            (Some(slot), None) if slot.is(Over::Claim(claim)) => (Op::Remove, ()),
            _ => (Op::Nop, ()),
        });
    }

    /// Removes a key, expected copies too.
    pub(crate) fn forget(&self, key: &CacheKey) {
        self.remove(key);
    }

    /// Removes the keys of a pattern, expected copies too.
    pub(crate) fn forget_matching(&self, pattern: &Pattern) {
        self.remove_where(|key, _| pattern.matches(key));
    }

    pub(crate) fn evictions(&self) -> u64 {
        self.evictions.load(std::sync::atomic::Ordering::Relaxed)
    }
}
