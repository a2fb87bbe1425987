//! A part of the counters under a lock of its own.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    counters::{Kind, Taken},
    hasher::Tag,
    table::{Slot, Table},
};
use crate::{Decision, Policy};

/// All counters.
pub(super) struct Shards {
    first: Shard,
    rest: Box<[Shard]>,
}

impl Shards {
    /// For `most` counters, and a sixteenth more, since keys do not spread quite evenly.
    pub(super) fn new(most: usize) -> Self {
        // Enough that two threads seldom want the same one; few enough for each to be worth its table.
        let count = (most / 1_024).next_power_of_two().clamp(1, 64);
        let shard =
            || Shard::new(most.div_ceil(count) + if count > 1 { most.div_ceil(16 * count) } else { 0 });
        Self { first: shard(), rest: std::iter::repeat_with(shard).take(count - 1).collect() }
    }

    /// The shard of this number, which may be any.
    pub(super) fn of(&self, number: usize) -> &Shard {
        self.rest.get(number & self.rest.len()).unwrap_or(&self.first)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Shard> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    pub(super) fn count(&self) -> usize {
        self.rest.len() + 1
    }
}

/// A part of the counters under a lock of its own, apart from its neighbours' cache lines.
#[repr(align(128))]
pub(super) struct Shard {
    state: Mutex<State>,
    most: usize,
}

#[derive(Default)]
struct State {
    table: Table,
    latest: u64,
}

/// Among so many neighbours the one to forget is looked for.
const SAMPLE: usize = 16;
/// A clock that goes back by more than this was set back.
const SET_BACK: u64 = 1_000_000_000;

impl Shard {
    /// For at most `most` counters.
    pub(super) fn new(most: usize) -> Self {
        Self { state: Mutex::default(), most }
    }

    pub(super) fn len(&self) -> usize {
        self.lock().table.len()
    }

    /// Bytes that its table takes.
    pub(super) fn allocated(&self) -> usize {
        self.lock().table.allocated()
    }

    pub(super) fn check(&self, tag: Tag, policy: &Policy, now: u64, cost: u32) -> Decision {
        let mut state = self.lock();
        let now = state.present(now);
        if let Some((at, mut slot)) = state.table.find(tag) {
            let taken = slot.kind.take(&mut slot.counters, state.table.arenas(), policy, now, cost);
            slot.rank = rank(&taken);
            if taken.verdict.allowed() {
                slot.expires = expiry(now, &taken);
            }
            state.table.replace(at, slot);
            return taken.decision();
        }
        let kind = Kind::of(policy);
        let mut counters = kind.untouched();
        let taken = kind.take(&mut counters, state.table.arenas(), policy, now, cost);
        if taken.verdict.allowed() {
            if state.table.len() >= self.most {
                state.table.evict_near(tag, SAMPLE);
            }
            let (rank, expires) = (rank(&taken), expiry(now, &taken));
            state.table.insert(Slot { hash: tag.hash, counters, expires, more: tag.more, rank, kind });
        }
        taken.decision()
    }

    /// Cleans at most `steps` slots unless the shard is in use; tells how many, and whether it came to the end.
    pub(super) fn sweep(&self, now: u64, steps: usize) -> (usize, bool) {
        match self.state.try_lock() {
            Ok(mut state) => {
                let second = second(state.present(now));
                state.table.sweep(second, steps)
            }
            Err(_) => (1, true),
        }
    }

    /// Cleans it from begin to end.
    pub(super) fn sweep_all(&self, now: u64) {
        let mut state = self.lock();
        let second = second(state.present(now));
        // What is left of a round that was under way, and one more.
        for _ in 0..2 {
            state.table.sweep(second, usize::MAX);
        }
    }

    /// The counters stay whole whatever panics.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Of two threads the one that read the clock first may come second: time goes on, unless the clock was set back.
    fn present(&mut self, now: u64) -> u64 {
        if now > self.latest || self.latest - now > SET_BACK {
            self.latest = now;
        }
        self.latest
    }
}

/// How much someone would gain if this were forgotten: how often what was left of the quota has been halved, and more
/// than that when nothing is left.
fn rank(taken: &Taken<'_>) -> u8 {
    let (remaining, at_once) = (taken.verdict.remaining, taken.quota.capacity());
    if remaining == 0 {
        return u8::MAX;
    }
    let halved = remaining.leading_zeros().saturating_sub(at_once.leading_zeros());
    u8::try_from(halved).unwrap_or(u8::MAX - 1)
}

fn expiry(now: u64, taken: &Taken<'_>) -> u32 {
    second(now.saturating_add(taken.whole_after)).saturating_add(1)
}

/// The second since the epoch: until 2106.
fn second(nanos: u64) -> u32 {
    u32::try_from(nanos / 1_000_000_000).unwrap_or(u32::MAX - 1)
}
