//! All counters of one policy and key.

use super::arena::Arena;
use crate::{
    Algorithm, Decision, Policy, Quota,
    algorithm::{
        Taking, Verdict,
        fixed_window::{self, Window},
        sliding_window::{self, Ring},
        token_bucket,
    },
};

/// All counters of one policy and key. What most policies need, one or two words, is kept in place.
#[derive(Debug)]
pub(super) enum Counters {
    Pair([u64; 2]),
    Four(Box<[u64; Policy::MOST_QUOTAS]>),
    /// Places in the arena.
    Rings([u32; Policy::MOST_QUOTAS]),
}

/// No place yet: nothing was counted.
const NOWHERE: u32 = u32::MAX;

/// What came of a request.
pub(super) struct Taken<'a> {
    /// What the tightest quota says.
    pub(super) verdict: Verdict,
    /// The tightest quota.
    pub(super) quota: &'a Quota,
    /// After so many nanoseconds from now the counters say nothing that new ones would not.
    pub(super) whole_after: u64,
}

impl Taken<'_> {
    pub(super) fn decision(&self) -> Decision {
        self.verdict.of(self.quota)
    }
}

impl Counters {
    /// Of a key that was never seen.
    pub(super) fn new(policy: &Policy) -> Self {
        match (policy.algorithm(), policy.quotas()) {
            (Algorithm::SlidingWindow, _) => Self::Rings([NOWHERE; Policy::MOST_QUOTAS]),
            (_, [_] | [_, _]) => Self::Pair([0; 2]),
            (_, _) => Self::Four(Box::new([0; Policy::MOST_QUOTAS])),
        }
    }

    /// Counts the request when each quota lets it, else leaves all as they are.
    pub(super) fn take<'a>(
        &mut self,
        arena: &mut Arena,
        policy: &'a Policy,
        now: u64,
        cost: u32,
    ) -> Taken<'a> {
        let words = match self {
            Self::Pair(words) => words.as_mut_slice(),
            Self::Four(words) => words.as_mut_slice(),
            Self::Rings(places) => return take_rings(places, arena, policy, now, cost),
        };
        if policy.algorithm() == Algorithm::FixedWindow {
            let check = |word, taking: &Taking<'_>| {
                let (window, verdict) = fixed_window::check(Window::from(word), taking);
                (window.into(), verdict)
            };
            return take(words, policy, now, cost, check);
        }
        take(words, policy, now, cost, token_bucket::check)
    }

    /// Frees the places of counters that are forgotten.
    pub(super) fn release(&self, arena: &mut Arena) {
        if let Self::Rings(places) = self {
            places.iter().filter(|place| **place != NOWHERE).for_each(|place| arena.remove(*place));
        }
    }

    /// Moves to another arena.
    pub(super) fn relocate(&mut self, from: &mut Arena, to: &mut Arena) {
        if let Self::Rings(places) = self {
            for place in places {
                *place = from.get_mut(*place).map_or(NOWHERE, |ring| to.add(*ring));
            }
        }
    }
}

fn take_rings<'a>(
    places: &mut [u32; Policy::MOST_QUOTAS],
    arena: &mut Arena,
    policy: &'a Policy,
    now: u64,
    cost: u32,
) -> Taken<'a> {
    let mut rings = places.map(|place| arena.get_mut(place).map_or_else(Ring::default, |ring| *ring));
    let taken = take(&mut rings, policy, now, cost, sliding_window::check);
    if taken.verdict.allowed() {
        for ((place, ring), _) in places.iter_mut().zip(rings).zip(policy.quotas()) {
            match arena.get_mut(*place) {
                Some(old) => *old = ring,
                None => *place = arena.add(ring),
            }
        }
    }
    taken
}

#[inline]
fn take<'a, S: Copy + Default>(
    states: &mut [S],
    policy: &'a Policy,
    now: u64,
    cost: u32,
    check: impl Fn(S, &Taking<'_>) -> (S, Verdict),
) -> Taken<'a> {
    let mut after = [S::default(); Policy::MOST_QUOTAS];
    let loosest = Verdict { wait: 0, remaining: u32::MAX, reset: 0 };
    let mut taken = Taken { verdict: loosest, quota: policy.first(), whole_after: 0 };
    for ((quota, state), after) in policy.quotas().iter().zip(&*states).zip(&mut after) {
        let verdict;
        (*after, verdict) = check(*state, &Taking { now, quota, cost });
        taken.whole_after = taken.whole_after.max(verdict.reset);
        if verdict.is_tighter(&taken.verdict) {
            (taken.verdict, taken.quota) = (verdict, quota);
        }
    }
    if taken.verdict.allowed() {
        states.iter_mut().zip(after).for_each(|(state, after)| *state = after);
    }
    taken
}
