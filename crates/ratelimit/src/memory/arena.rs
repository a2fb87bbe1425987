//! Where states stand that are too large or too many for a slot.

use crate::algorithm::sliding_window::Ring;

/// The arenas of a table.
#[derive(Debug, Default)]
pub(super) struct Arenas {
    pub(super) words: Arena<u64>,
    pub(super) rings: Arena<Ring>,
}

/// States side by side. An allocation for each would leave the heap in holes, of which nothing goes back to the
/// system.
#[derive(Debug, Default)]
pub(super) struct Arena<S> {
    states: Vec<S>,
    /// The places that are free again.
    free: Vec<u32>,
}

/// Room for so many at first, of which only what is used becomes resident: a block of its own from the system, that
/// goes back to it.
const FIRST: usize = 4_096;

impl<S: Default> Arena<S> {
    pub(super) fn add(&mut self, state: S) -> u32 {
        if let Some(place) = self.free.pop() {
            if let Some(free) = self.get_mut(place) {
                *free = state;
            }
            return place;
        }
        let used = self.states.len();
        if used == self.states.capacity() {
            // By an eighth and not by half: rings are the larger part of a limiter's memory.
            self.states.reserve_exact((used / 8).max(FIRST));
        }
        self.states.push(state);
        u32::try_from(used).unwrap_or(u32::MAX)
    }

    pub(super) fn get_mut(&mut self, place: u32) -> Option<&mut S> {
        self.states.get_mut(usize::try_from(place).ok()?)
    }

    pub(super) fn remove(&mut self, place: u32) {
        self.free.push(place);
    }

    /// Bytes that it takes.
    pub(super) fn allocated(&self) -> usize {
        self.states.capacity() * size_of::<S>() + self.free.capacity() * size_of::<u32>()
    }

    /// Whether a new arena with the same states would be much smaller.
    pub(super) fn is_loose(&self) -> bool {
        self.free.len() > FIRST / 8 && self.free.len() * 2 > self.states.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_found_where_it_was_put() {
        let mut arena = Arena::<u64>::default();
        let places: Vec<u32> = (0..1_000).map(|state| arena.add(state)).collect();
        for (state, place) in places.iter().enumerate() {
            assert_eq!(arena.get_mut(*place).copied(), u64::try_from(state).ok());
        }
        assert_eq!(arena.get_mut(1_000), None);
    }

    #[test]
    fn free_places_are_taken_before_new_ones() {
        let mut arena = Arena::<u64>::default();
        let places: Vec<u32> = (0..1_000).map(|state| arena.add(state)).collect();
        places.iter().for_each(|place| arena.remove(*place));
        assert!(arena.is_loose());
        let again: Vec<u32> = (0..1_000).map(|state| arena.add(state)).collect();
        assert!(again.iter().all(|place| places.contains(place)));
        assert!(!arena.is_loose());
    }
}
