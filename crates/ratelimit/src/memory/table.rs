//! A hash table made for counters: open addressing with linear probing, so that a counter is found with one look
//! into memory, walked by a cursor for cleaning, and without the gravestones that removals leave in most tables.
//!
//! A table of the standard library cannot be cleaned a little at a time, nor does it say what stands beside an entry.

use super::{
    arena::Arenas,
    counters::{Kind, Pair},
    hasher::Tag,
};

/// What is kept of one policy and key: half a cache line, so that a check reads one and no more.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
pub(super) struct Slot {
    pub(super) hash: u64,
    pub(super) counters: Pair,
    /// The second since the epoch from which on this says nothing.
    pub(super) expires: u32,
    pub(super) more: u16,
    /// How much an attacker would gain if this were forgotten.
    pub(super) rank: u8,
    pub(super) kind: Kind,
}

impl Slot {
    fn is(&self, tag: Tag) -> bool {
        self.hash == tag.hash && self.more == tag.more
    }
}

/// Slots of which at most four fifths are taken: the smaller the table, the more of it the processor's caches hold.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Vec<Option<Slot>>,
    taken: usize,
    /// Where cleaning goes on.
    cursor: usize,
    arenas: Arenas,
}

const SMALLEST: usize = 16;

impl Table {
    pub(super) fn len(&self) -> usize {
        self.taken
    }

    /// Bytes that it takes, whatever is in it.
    pub(super) fn allocated(&self) -> usize {
        self.slots.capacity() * size_of::<Option<Slot>>()
            + self.arenas.words.allocated()
            + self.arenas.rings.allocated()
    }

    /// Where counters stand that are too large for a slot.
    pub(super) fn arenas(&mut self) -> &mut Arenas {
        &mut self.arenas
    }

    pub(super) fn find(&mut self, tag: Tag) -> Option<(&mut Slot, &mut Arenas)> {
        let mut at = self.home(tag.hash);
        while let Some(Some(slot)) = self.slots.get(at) {
            if slot.is(tag) {
                return Some((self.slots.get_mut(at)?.as_mut()?, &mut self.arenas));
            }
            at = self.after(at);
        }
        None
    }

    /// Adds a slot whose tag is not there.
    pub(super) fn insert(&mut self, slot: Slot) {
        if (self.taken + 1) * 5 > self.slots.len() * 4 {
            // By a quarter: seven of ten slots are taken on average.
            self.resize((self.slots.len() / 4 * 5).max(SMALLEST));
        }
        self.place(slot);
        self.taken += 1;
    }

    /// Removes the least of the first `sample` slots around the place of `tag`, by `rank` and then by expiry.
    pub(super) fn evict_near(&mut self, tag: Tag, sample: usize) {
        let (mut at, mut seen) = (self.home(tag.hash), 0);
        let mut least: Option<(u8, u32, usize)> = None;
        for _ in 0..self.slots.len() {
            if let Some(Some(slot)) = self.slots.get(at) {
                let candidate = (slot.rank, slot.expires, at);
                least = Some(least.map_or(candidate, |least| least.min(candidate)));
                seen += 1;
                if seen == sample {
                    break;
                }
            }
            at = self.after(at);
        }
        if let Some((_, _, at)) = least {
            self.remove(at);
        }
    }

    /// Goes on cleaning for at most `steps` slots; at the end of the table it gives back what is not needed any more,
    /// and stops. Tells how many steps it took, and whether it came to the end.
    pub(super) fn sweep(&mut self, second: u32, steps: usize) -> (usize, bool) {
        for step in 0..steps {
            // A removal moves the next slot here: look again.
            while let Some(Some(slot)) = self.slots.get(self.cursor)
                && slot.expires <= second
            {
                self.remove(self.cursor);
            }
            self.cursor += 1;
            if self.cursor >= self.slots.len() {
                self.cursor = 0;
                self.shrink();
                return (step + 1, true);
            }
        }
        (steps, false)
    }

    fn shrink(&mut self) {
        if self.taken == 0 {
            *self = Self::default();
            return;
        }
        if self.taken * 4 < self.slots.len() && self.slots.len() > SMALLEST {
            self.resize((self.taken * 2).next_multiple_of(4).max(SMALLEST));
        }
        if self.arenas.words.is_loose() || self.arenas.rings.is_loose() {
            let mut old = std::mem::take(&mut self.arenas);
            for slot in self.slots.iter_mut().flatten() {
                slot.kind.relocate(&mut slot.counters, &mut old, &mut self.arenas);
            }
        }
    }

    fn resize(&mut self, size: usize) {
        let slots = vec![None; size];
        let old = std::mem::replace(&mut self.slots, slots);
        self.cursor = 0;
        old.into_iter().flatten().for_each(|slot| self.place(slot));
    }

    /// Puts the slot into the first free place; there always is one.
    fn place(&mut self, slot: Slot) {
        let mut at = self.home(slot.hash);
        while let Some(Some(_)) = self.slots.get(at) {
            at = self.after(at);
        }
        if let Some(free) = self.slots.get_mut(at) {
            *free = Some(slot);
        }
    }

    /// Removes a slot, and moves those behind it up that would not be found over the gap (Knuth, The Art of Computer
    /// Programming, volume 3, 6.4, algorithm R).
    fn remove(&mut self, at: usize) {
        let (mut gap, mut next) = (at, self.after(at));
        while let Some(Some(slot)) = self.slots.get(next) {
            let distance =
                |from: usize| if next < from { next + self.slots.len() - from } else { next - from };
            if distance(self.home(slot.hash)) >= distance(gap) {
                self.slots.swap(gap, next);
                gap = next;
            }
            next = self.after(next);
        }
        if let Some(slot) = self.slots.get_mut(gap).and_then(Option::take) {
            slot.kind.release(slot.counters, &mut self.arenas);
            self.taken -= 1;
        }
    }

    /// Where a hash belongs: the hashes in order over the slots in order, which any number of slots allows (Lemire,
    /// Fast Random Integer Generation in an Interval, 2019).
    fn home(&self, hash: u64) -> usize {
        let slots = self.slots.len() as u128;
        ((u128::from(hash) * slots) >> 64) as usize
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 < self.slots.len() { at + 1 } else { 0 }
    }
}

#[cfg(test)]
mod tests;
