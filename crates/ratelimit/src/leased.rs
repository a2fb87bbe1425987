//! A slice of a shared limit at a time.

use std::{
    convert::Infallible,
    fmt,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use quick_cache::sync::Cache;

use crate::{
    Algorithm, Checking, Decision, Error, LimitKey, Policy, Quota, RateLimiter, Timeline,
    memory::{Hasher, Tag},
};

/// How many keys have a lease at once: about 12 MB when full. Whose lease is forgotten takes another one.
const CAPACITY: usize = 100_000;

/// How much later than it ends a store may say that a window does: it counts whole milliseconds.
const ROUNDING: Duration = Duration::from_millis(1);

/// A limiter that takes a slice of a shared limit at a time and then counts it down in this process, so that not each
/// request asks the store.
///
/// All processes together never let through more than the limit: a slice is counted in the store when it is taken, and
/// it ends with its window. They may let through less: what a process has taken and not used by then is lost, at most one
/// slice for each process and window. A refusal is remembered to the end of its window too.
///
/// Only a policy of one [fixed window](Algorithm::FixedWindow) can be cut into slices: what was taken from a token
/// bucket or a sliding window and is used later would come on top of what has become free meanwhile. Every other policy
/// is asked of the store request by request.
///
/// Some 100,000 clients have a lease at once. A flood of more makes leases be forgotten, of those that are seldom used
/// first, and what was left of a forgotten slice is lost to its client.
pub struct LeasedRateLimiter<P> {
    store: P,
    timeline: Timeline,
    slice: u32,
    hasher: Hasher,
    leases: Cache<Tag, Arc<Mutex<Lease>>>,
}

/// What this process may let through of one window of one key.
#[derive(Debug, Default)]
struct Lease {
    /// When the window ends, in nanoseconds of the timeline.
    ends: u64,
    /// How much of the slice is left.
    left: u32,
    /// What was left in the store when it was last asked.
    in_store: u32,
    /// The least cost that the store has refused.
    refused: Option<u32>,
    /// Whether somebody asks for a slice.
    is_asked_for: bool,
}

impl<P: RateLimiter> LeasedRateLimiter<P> {
    /// Takes up to `slice` of a limit at a time from `store`, never more than a tenth of it. `timeline` must run as the
    /// store's clock does; it need not show the same time.
    #[must_use]
    pub fn new(store: P, timeline: Timeline, slice: NonZeroU32) -> Self {
        Self { store, timeline, slice: slice.get(), hasher: Hasher::random(), leases: Cache::new(CAPACITY) }
    }

    /// Asks the store for a slice, unless somebody does so already or it has too little left for one; and then for the
    /// request alone.
    async fn ask(
        &self,
        (policy, quota, key): (&Policy, &Quota, &LimitKey),
        cost: NonZeroU32,
        lease: Arc<Mutex<Lease>>,
    ) -> Result<Decision, Error> {
        let slice = NonZeroU32::new(self.slice.min(quota.limit() / 10)).filter(|slice| *slice > cost);
        if let Some(slice) = slice
            && let Some(_turn) = Turn::take(&lease, slice.get(), self.now())
        {
            let asked = self.now();
            let decision = self.store.check(policy, key, slice).await?;
            let left = if decision.allowed { slice.get() - cost.get() } else { 0 };
            lock(&lease).learn(&decision, slice.get(), left, asked, self.now());
            if decision.allowed {
                return Ok(Decision { remaining: decision.remaining.saturating_add(left), ..decision });
            }
        }
        let asked = self.now();
        let decision = self.store.check(policy, key, cost).await?;
        lock(&lease).learn(&decision, cost.get(), 0, asked, self.now());
        Ok(decision)
    }

    fn now(&self) -> u64 {
        self.timeline.now().nanos()
    }
}

/// The right to ask for a slice, which one request has at a time: many at once would take far more than they use.
struct Turn<'a>(&'a Mutex<Lease>);

impl<'a> Turn<'a> {
    fn take(lease: &'a Mutex<Lease>, slice: u32, now: u64) -> Option<Self> {
        let mut state = lock(lease);
        let refused = state.ends > now && !state.may_cost(slice);
        if refused || state.is_asked_for {
            return None;
        }
        state.is_asked_for = true;
        Some(Self(lease))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(self.0).is_asked_for = false;
    }
}

impl Lease {
    /// Takes in what the store has said to a question that was asked then, and what is left of a slice it gave.
    fn learn(&mut self, decision: &Decision, cost: u32, left: u32, asked: u64, now: u64) {
        let to_end = decision.retry_after.unwrap_or(decision.reset_after).saturating_sub(ROUNDING);
        let ends = asked.saturating_add(u64::try_from(to_end.as_nanos()).unwrap_or(u64::MAX));
        if self.ends <= now {
            *self = Self { ends, is_asked_for: self.is_asked_for, ..Self::default() };
        }
        // Of several answers about what may be two windows, nothing may outlive the first.
        self.ends = self.ends.min(ends);
        self.left = self.left.saturating_add(left);
        self.in_store = decision.remaining;
        // What costs more than limit and burst is refused for another reason.
        if !decision.allowed && cost <= decision.quota.capacity() {
            self.refused = Some(self.refused.map_or(cost, |least| least.min(cost)));
        }
    }

    /// What can be said without asking the store.
    fn decide(&mut self, quota: &Quota, cost: u32, now: u64) -> Option<Decision> {
        let to_end = Duration::from_nanos(self.ends.checked_sub(now).filter(|to_end| *to_end > 0)?);
        let allowed = cost <= self.left;
        if !allowed && self.may_cost(cost) {
            return None;
        }
        if allowed {
            self.left -= cost;
        }
        Some(Decision {
            allowed,
            quota: *quota,
            remaining: self.in_store.saturating_add(self.left),
            reset_after: to_end.saturating_add(ROUNDING),
            retry_after: (!allowed).then_some(to_end.saturating_add(ROUNDING)),
        })
    }

    /// Whether the store has not refused as much yet.
    fn may_cost(&self, cost: u32) -> bool {
        self.refused.is_none_or(|least| cost < least)
    }
}

impl<P: RateLimiter> RateLimiter for LeasedRateLimiter<P> {
    fn check<'a>(&'a self, policy: &'a Policy, key: &'a LimitKey, cost: NonZeroU32) -> Checking<'a> {
        let (Algorithm::FixedWindow, [quota]) = (policy.algorithm(), policy.quotas()) else {
            return self.store.check(policy, key, cost);
        };
        let (tag, _) = self.hasher.tag(policy, key);
        let Ok(lease) = self.leases.get_or_insert_with(&tag, || Ok::<_, Infallible>(Arc::default()));
        let decision = lock(&lease).decide(quota, cost.get(), self.now());
        match decision {
            Some(decision) => Checking::now(Ok(decision)),
            None => Checking::later(self.ask((policy, quota, key), cost, lease)),
        }
    }

    fn tend(&self) {
        self.store.tend();
    }

    fn losses(&self) -> u64 {
        self.store.losses()
    }
}

/// A lease stays whole whatever panics.
fn lock(lease: &Mutex<Lease>) -> MutexGuard<'_, Lease> {
    lease.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<P: fmt::Debug> fmt::Debug for LeasedRateLimiter<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeasedRateLimiter")
            .field("store", &self.store)
            .field("slice", &self.slice)
            .finish_non_exhaustive()
    }
}
