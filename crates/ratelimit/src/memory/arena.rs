//! Where states stand that are too large or too many for a slot.

use super::rows::Rows;
use crate::algorithm::sliding_window::Ring;

/// The arenas of a table.
#[derive(Debug, Default)]
pub(super) struct Arenas {
    pub(super) words: Arena<1>,
    pub(super) rings: Arena<8>,
}

/// A state that is kept in `N` words.
pub(super) trait Stored<const N: usize>: Copy + Default {
    fn pack(self) -> [u64; N];
    fn unpack(words: [u64; N]) -> Self;
}

impl Stored<1> for u64 {
    fn pack(self) -> [u64; 1] {
        [self]
    }

    fn unpack([word]: [u64; 1]) -> Self {
        word
    }
}

impl Stored<8> for Ring {
    fn pack(self) -> [u64; 8] {
        self.into()
    }

    fn unpack(words: [u64; 8]) -> Self {
        words.into()
    }
}

/// States side by side.
#[derive(Debug)]
pub(super) struct Arena<const N: usize> {
    rows: Rows<N>,
    /// How many rows have ever been used. The others are untouched and take no memory.
    used: usize,
    /// The first of the rows that are free again, each of which names the next.
    free: u32,
    freed: usize,
}

/// Room for so many at first.
const FIRST: usize = 64;
/// No row is free.
const NONE: u32 = u32::MAX;

impl<const N: usize> Default for Arena<N> {
    fn default() -> Self {
        Self { rows: Rows::default(), used: 0, free: NONE, freed: 0 }
    }
}

impl<const N: usize> Arena<N> {
    pub(super) fn add(&mut self, state: impl Stored<N>) -> u32 {
        if let Some(next) = self.row(self.free).and_then(|row| row.first()).copied() {
            let place = self.free;
            self.free = u32::try_from(next).unwrap_or(NONE);
            self.freed -= 1;
            self.set(place, state);
            return place;
        }
        if self.used == self.rows.len() {
            self.grow();
        }
        let place = u32::try_from(self.used).unwrap_or(NONE);
        self.used += 1;
        self.set(place, state);
        place
    }

    pub(super) fn get<S: Stored<N>>(&self, place: u32) -> Option<S> {
        self.row(place).copied().map(S::unpack)
    }

    pub(super) fn set(&mut self, place: u32, state: impl Stored<N>) {
        if let Ok(row) = usize::try_from(place) {
            self.rows.set(row, state.pack());
        }
    }

    pub(super) fn remove(&mut self, place: u32) {
        let mut row = [0; N];
        if let Some(next) = row.first_mut() {
            *next = u64::from(self.free);
        }
        if let Ok(number) = usize::try_from(place) {
            self.rows.set(number, row);
        }
        self.free = place;
        self.freed += 1;
    }

    /// Whether a new arena with the same states would be much smaller.
    pub(super) fn is_loose(&self) -> bool {
        self.rows.len() > FIRST && (self.used - self.freed) * 2 < self.rows.len()
    }

    /// Bytes that it takes.
    pub(super) fn allocated(&self) -> usize {
        self.rows.allocated()
    }

    fn row(&self, place: u32) -> Option<&[u64; N]> {
        let number = usize::try_from(place).ok().filter(|number| *number < self.used)?;
        self.rows.get(number)
    }

    /// By an eighth and not by half: rings are the larger part of a limiter's memory.
    fn grow(&mut self) {
        let rows = Rows::zeroed(self.used + (self.used / 8).max(FIRST));
        let old = std::mem::replace(&mut self.rows, rows);
        self.rows.all_mut().iter_mut().zip(old.all()).for_each(|(new, old)| *new = *old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_found_where_it_was_put() {
        let mut arena = Arena::<1>::default();
        let places: Vec<u32> = (0..10_000_u64).map(|state| arena.add(state)).collect();
        for (state, place) in places.iter().enumerate() {
            assert_eq!(arena.get::<u64>(*place), u64::try_from(state).ok());
        }
        assert_eq!(arena.get::<u64>(10_000), None);
    }

    #[test]
    fn free_places_are_taken_before_new_ones() {
        let mut arena = Arena::<8>::default();
        let ring = || Ring::from([7; 8]);
        let places: Vec<u32> = (0..1_000).map(|_| arena.add(ring())).collect();
        places.iter().for_each(|place| arena.remove(*place));
        assert!(arena.is_loose());
        let (again, allocated): (Vec<u32>, _) =
            ((0..1_000).map(|_| arena.add(ring())).collect(), arena.allocated());
        assert!(again.iter().all(|place| places.contains(place)));
        assert!(!arena.is_loose());
        arena.add(ring());
        assert!(arena.allocated() >= allocated && arena.get::<Ring>(again[0]) == Some(ring()));
    }
}
