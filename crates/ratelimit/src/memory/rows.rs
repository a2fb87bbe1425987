//! Rows of numbers, in memory that goes back to the system when they are dropped.
//!
//! An allocator keeps what a flood has made it take: glibc maps large blocks at first, but once one of them has been
//! freed it takes others of that size from its heap, where a single small block above them holds all of them.

use std::fmt;

use memmap2::MmapMut;
use zerocopy::FromBytes as _;

/// From so many bytes on, rows have pages of their own.
const LARGE: usize = 64 << 10;

/// A fixed number of rows of `N` words each, all zero at first. Of large ones only the pages that are written take
/// memory.
#[derive(Default)]
pub(super) struct Rows<const N: usize>(Memory<N>);

#[derive(Default)]
enum Memory<const N: usize> {
    #[default]
    None,
    Heap(Box<[[u64; N]]>),
    Pages(MmapMut),
}

impl<const N: usize> Rows<N> {
    pub(super) fn zeroed(rows: usize) -> Self {
        let bytes = rows.saturating_mul(size_of::<[u64; N]>());
        let pages = if bytes < LARGE { None } else { MmapMut::map_anon(bytes).ok() };
        // Where the system gives no pages, the heap may still have room.
        Self(pages.map_or_else(|| Memory::Heap(vec![[0; N]; rows].into()), Memory::Pages))
    }

    pub(super) fn len(&self) -> usize {
        self.all().len()
    }

    /// Bytes that they take.
    pub(super) fn allocated(&self) -> usize {
        size_of_val(self.all())
    }

    #[inline]
    pub(super) fn all(&self) -> &[[u64; N]] {
        match &self.0 {
            Memory::None => &[],
            Memory::Heap(rows) => rows,
            Memory::Pages(pages) => <[[u64; N]]>::ref_from_bytes(pages).unwrap_or_default(),
        }
    }

    #[inline]
    pub(super) fn all_mut(&mut self) -> &mut [[u64; N]] {
        match &mut self.0 {
            Memory::None => &mut [],
            Memory::Heap(rows) => rows,
            Memory::Pages(pages) => <[[u64; N]]>::mut_from_bytes(pages).unwrap_or_default(),
        }
    }

    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<&[u64; N]> {
        self.all().get(row)
    }

    #[inline]
    pub(super) fn set(&mut self, row: usize, words: [u64; N]) {
        if let Some(row) = self.all_mut().get_mut(row) {
            *row = words;
        }
    }
}

impl<const N: usize> fmt::Debug for Rows<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_zero_at_first_and_keep_what_is_set_however_many_they_are() {
        for count in [0, 1, 100, LARGE / 32, LARGE] {
            let mut rows = Rows::<4>::zeroed(count);
            assert_eq!((rows.len(), rows.allocated()), (count, count * 32));
            assert!(rows.all().iter().all(|row| *row == [0; 4]));
            (0..count).for_each(|row| rows.set(row, [row as u64; 4]));
            assert!((0..count).all(|row| rows.get(row) == Some(&[row as u64; 4])));
            assert_eq!(rows.get(count), None);
        }
    }

    #[test]
    fn large_rows_have_pages_of_their_own() {
        assert!(matches!(Rows::<1>::zeroed(LARGE).0, Memory::Pages(_)));
        assert!(matches!(Rows::<1>::zeroed(LARGE / 16).0, Memory::Heap(_)));
    }
}
