//! Where counters stand that are too large for a slot.

use crate::algorithm::sliding_window::Ring;

/// Rings side by side: one allocation that is given back whole, where one for each would leave the heap in holes.
#[derive(Debug, Default)]
pub(super) struct Arena {
    rings: Vec<Ring>,
    /// The free places.
    free: Vec<u32>,
}

impl Arena {
    pub(super) fn add(&mut self, ring: Ring) -> u32 {
        if let Some(place) = self.free.pop() {
            if let Some(free) = self.get_mut(place) {
                *free = ring;
            }
            return place;
        }
        if self.rings.len() == self.rings.capacity() {
            // By an eighth and not by half: it is the larger part of a limiter's memory.
            self.rings.reserve_exact((self.rings.len() / 8).max(16));
        }
        self.rings.push(ring);
        u32::try_from(self.rings.len() - 1).unwrap_or(u32::MAX)
    }

    pub(super) fn get_mut(&mut self, place: u32) -> Option<&mut Ring> {
        self.rings.get_mut(usize::try_from(place).ok()?)
    }

    pub(super) fn remove(&mut self, place: u32) {
        self.free.push(place);
    }

    /// Whether a new arena with the same rings would be much smaller.
    pub(super) fn is_loose(&self) -> bool {
        let used = self.rings.len() - self.free.len();
        used * 2 < self.rings.capacity()
    }
}
