//! Counters in this process.

mod arena;
mod counters;
mod hasher;
mod rows;
mod shard;
mod sweeper;
mod table;

use std::{
    fmt,
    num::{NonZeroU32, NonZeroUsize},
};

pub(crate) use self::hasher::{Hasher, Tag};
use self::{
    shard::{Shard, Shards},
    sweeper::Sweeper,
};
use crate::{Checking, Decision, LimitKey, Moment, Policy, RateLimiter, Timeline};

/// Counters in this process: exact and bounded.
///
/// - **Keys** are not kept: a counter is found under 80 bits of a hash of policy and key whose seeds are drawn for
///   each limiter, so that nobody can choose keys that meet.
/// - **Memory** is bounded by [`MemoryOptions::max_keys`]. An entry takes 32 bytes in a table that is seven
///   tenths full, and 64 more for each quota of a sliding window: 300,000 keys fit 64 MiB.
/// - **Cleaning** is done by the checks, a little at each millisecond in which one comes, over all shards in turn;
///   what has expired is forgotten and tables that have become too large shrink. While no checks come, an
///   [`Upkeep`](crate::Upkeep) has it cleaned.
/// - **A flood of new keys** in a full limiter displaces counters, of sixteen neighbours the one that has the most
///   left of its quota, and of equals the one that expires first. A caller at its limit is therefore the last to be
///   forgotten: to have it forgotten, someone has to bring nearly all `max_keys` callers to their limits within one
///   window. To refuse whoever is new would keep every counter, and would let that same flood shut out everyone.
pub struct MemoryRateLimiter {
    timeline: Timeline,
    hasher: Hasher,
    shards: Shards,
    sweeper: Sweeper,
}

/// How large a [`MemoryRateLimiter`] may become.
#[derive(Debug, Clone, Copy)]
pub struct MemoryOptions {
    /// How many counters (one for each policy and key) are kept; a sixteenth more at most, since keys do not spread
    /// quite evenly.
    pub max_keys: NonZeroUsize,
}

impl Default for MemoryOptions {
    fn default() -> Self {
        Self { max_keys: DEFAULT_MAX_KEYS }
    }
}

pub(crate) const DEFAULT_MAX_KEYS: NonZeroUsize = NonZeroUsize::new(300_000).unwrap();

impl MemoryRateLimiter {
    /// A limiter that has counted nothing yet and takes no memory for counters.
    #[must_use]
    pub fn new(timeline: Timeline, options: MemoryOptions) -> Self {
        let shards = Shards::new(options.max_keys.get());
        Self { timeline, hasher: Hasher::random(), shards, sweeper: Sweeper::default() }
    }

    /// The same as [`RateLimiter::check`], at once.
    pub fn check_now(&self, policy: &Policy, key: &LimitKey, cost: NonZeroU32) -> Decision {
        self.check_at(policy, key, cost, self.timeline.now())
    }

    /// The same at this moment of [`Self::timeline`], for several checks that share one reading of the clock.
    pub fn check_at(&self, policy: &Policy, key: &LimitKey, cost: NonZeroU32, now: Moment) -> Decision {
        let now = now.nanos();
        self.clean(now);
        let (tag, number) = self.hasher.tag(policy, key);
        self.shards.of(number).check(tag, policy, now, cost.get())
    }

    fn clean(&self, now: u64) {
        if let Some(steps) = self.sweeper.due(now) {
            self.sweeper.sweep(&self.shards, now, steps);
        }
    }

    /// The time it counts in.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// How many counters are kept, expired ones included that have not been cleaned away yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(Shard::len).sum()
    }

    /// Whether no counter is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that its tables take now.
    #[must_use]
    pub fn allocated(&self) -> usize {
        self.shards.iter().map(Shard::allocated).sum()
    }

    /// Cleans all of it now, which holds the checks up. [`RateLimiter::tend`] does it by and by.
    pub fn sweep(&self) {
        let now = self.timeline.now().nanos();
        self.shards.iter().for_each(|shard| shard.sweep_all(now));
    }
}

impl RateLimiter for MemoryRateLimiter {
    fn check<'a>(&'a self, policy: &'a Policy, key: &'a LimitKey, cost: NonZeroU32) -> Checking<'a> {
        Checking::now(Ok(self.check_now(policy, key, cost)))
    }

    fn tend(&self) {
        self.clean(self.timeline.now().nanos());
    }
}

impl fmt::Debug for MemoryRateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRateLimiter").field("timeline", &self.timeline).finish_non_exhaustive()
    }
}
