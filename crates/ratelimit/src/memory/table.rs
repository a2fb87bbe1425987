//! A hash table made for counters: open addressing with linear probing, so that a counter is found with one look
//! into memory, walked by a cursor for cleaning, and without the gravestones that removals leave in most tables.
//!
//! A table of the standard library cannot be cleaned a little at a time, nor does it say what stands beside an entry.

use super::{
    arena::Arenas,
    counters::{Kind, Pair},
    hasher::Tag,
    rows::Rows,
};

/// What is kept of one policy and key: in four words half a cache line, so that a check reads one and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    fn pack(self) -> [u64; 4] {
        let Self { hash, counters: [first, second], expires, more, rank, kind } = self;
        let rest =
            u64::from(expires) << 32 | u64::from(more) << 16 | u64::from(rank) << 8 | u64::from(kind as u8);
        [hash, first, second, rest]
    }

    /// `None` where there is no slot: no kind has the number 0.
    fn unpack([hash, first, second, rest]: [u64; 4]) -> Option<Self> {
        let [kind, rank, more @ .., a, b, c, d] = rest.to_le_bytes();
        Some(Self {
            hash,
            counters: [first, second],
            expires: u32::from_le_bytes([a, b, c, d]),
            more: u16::from_le_bytes(more),
            rank,
            kind: Kind::numbered(kind)?,
        })
    }
}

/// Slots of which at most four fifths are taken: the smaller the table, the more of it the processor's caches hold.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Rows<4>,
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
        self.slots.allocated() + self.arenas.words.allocated() + self.arenas.rings.allocated()
    }

    /// Where counters stand that are too large for a slot.
    pub(super) fn arenas(&mut self) -> &mut Arenas {
        &mut self.arenas
    }

    /// The slot of a tag and where it stands.
    #[inline]
    pub(super) fn find(&self, tag: Tag) -> Option<(usize, Slot)> {
        let mut at = self.home(tag.hash);
        while let Some(slot) = self.slot(at) {
            if slot.is(tag) {
                return Some((at, slot));
            }
            at = self.after(at);
        }
        None
    }

    /// Replaces the slot that was found there by another of the same tag.
    pub(super) fn replace(&mut self, at: usize, slot: Slot) {
        self.slots.set(at, slot.pack());
    }

    #[inline]
    fn slot(&self, at: usize) -> Option<Slot> {
        self.slots.get(at).copied().and_then(Slot::unpack)
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
            if let Some(slot) = self.slot(at) {
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
            while let Some(slot) = self.slot(self.cursor)
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
            let old = std::mem::take(&mut self.arenas);
            for row in self.slots.all_mut() {
                if let Some(mut slot) = Slot::unpack(*row) {
                    slot.kind.relocate(&mut slot.counters, &old, &mut self.arenas);
                    *row = slot.pack();
                }
            }
        }
    }

    fn resize(&mut self, size: usize) {
        let old = std::mem::replace(&mut self.slots, Rows::zeroed(size));
        self.cursor = 0;
        old.all().iter().filter_map(|row| Slot::unpack(*row)).for_each(|slot| self.place(slot));
    }

    /// Puts the slot into the first free place; there always is one.
    fn place(&mut self, slot: Slot) {
        let mut at = self.home(slot.hash);
        while self.slot(at).is_some() {
            at = self.after(at);
        }
        self.slots.set(at, slot.pack());
    }

    /// Removes a slot, and moves those behind it up that would not be found over the gap (Knuth, The Art of Computer
    /// Programming, volume 3, 6.4, algorithm R).
    fn remove(&mut self, at: usize) {
        let (mut gap, mut next) = (at, self.after(at));
        while let Some(slot) = self.slot(next) {
            let distance =
                |from: usize| if next < from { next + self.slots.len() - from } else { next - from };
            if distance(self.home(slot.hash)) >= distance(gap) {
                self.slots.all_mut().swap(gap, next);
                gap = next;
            }
            next = self.after(next);
        }
        if let Some(slot) = self.slot(gap) {
            self.slots.set(gap, [0; 4]);
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
