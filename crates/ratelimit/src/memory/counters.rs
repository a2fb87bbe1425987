//! The counters of one policy and key.

use super::arena::{Arena, Arenas, Stored};
use crate::{
    Algorithm, Decision, Policy, Quota,
    algorithm::{
        Taking, Verdict,
        fixed_window::{self, Window},
        sliding_window::{self, Ring},
        token_bucket,
    },
};

/// Where the counters of one policy and key stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// In place: one or two words, which is what most policies need.
    Here = 1,
    /// Among the words of the arenas, each quota's at its own place.
    Words = 2,
    /// Among the rings of the arenas.
    Rings = 3,
}

/// Two words of a slot: counters, or four places of counters.
pub(super) type Pair = [u64; 2];

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

impl Kind {
    /// The kind of this number.
    pub(super) fn numbered(number: u8) -> Option<Self> {
        [Self::Here, Self::Words, Self::Rings].into_iter().find(|kind| *kind as u8 == number)
    }

    /// What a policy needs.
    pub(super) fn of(policy: &Policy) -> Self {
        match (policy.algorithm(), policy.quotas()) {
            (Algorithm::SlidingWindow, _) => Self::Rings,
            (_, [_] | [_, _]) => Self::Here,
            (_, _) => Self::Words,
        }
    }

    /// The counters of a key that was never seen.
    pub(super) fn untouched(self) -> Pair {
        match self {
            Self::Here => [0; 2],
            Self::Words | Self::Rings => pair([NOWHERE; Policy::MOST_QUOTAS]),
        }
    }

    /// Counts the request when each quota lets it, else leaves all as they are.
    #[inline]
    pub(super) fn take<'a>(
        self,
        counters: &mut Pair,
        arenas: &mut Arenas,
        policy: &'a Policy,
        now: u64,
        cost: u32,
    ) -> Taken<'a> {
        let fixed = |word, taking: &Taking<'_>| {
            let (window, verdict) = fixed_window::check(Window::from(word), taking);
            (window.into(), verdict)
        };
        let bucket = token_bucket::check;
        match (self, policy.algorithm()) {
            (Self::Here, Algorithm::FixedWindow) => take(counters, policy, now, cost, fixed),
            (Self::Here, _) => take(counters, policy, now, cost, bucket),
            (Self::Rings, _) => {
                take_placed(counters, &mut arenas.rings, policy, now, cost, sliding_window::check)
            }
            (Self::Words, Algorithm::FixedWindow) => {
                take_placed(counters, &mut arenas.words, policy, now, cost, fixed)
            }
            (Self::Words, _) => take_placed(counters, &mut arenas.words, policy, now, cost, bucket),
        }
    }

    /// Frees the places of counters that are forgotten.
    pub(super) fn release(self, counters: Pair, arenas: &mut Arenas) {
        let places = places(counters).into_iter().filter(|place| *place != NOWHERE);
        match self {
            Self::Here => {}
            Self::Words => places.for_each(|place| arenas.words.remove(place)),
            Self::Rings => places.for_each(|place| arenas.rings.remove(place)),
        }
    }

    /// Moves counters to other arenas.
    pub(super) fn relocate(self, counters: &mut Pair, from: &Arenas, to: &mut Arenas) {
        fn moved<S: Stored<N>, const N: usize>(places: Pair, from: &Arena<N>, to: &mut Arena<N>) -> Pair {
            pair(
                self::places(places).map(|place| from.get::<S>(place).map_or(NOWHERE, |state| to.add(state))),
            )
        }
        match self {
            Self::Here => {}
            Self::Words => *counters = moved::<u64, 1>(*counters, &from.words, &mut to.words),
            Self::Rings => *counters = moved::<Ring, 8>(*counters, &from.rings, &mut to.rings),
        }
    }
}

/// [`take`], of counters that stand in an arena.
fn take_placed<'a, S: Stored<N>, const N: usize>(
    counters: &mut Pair,
    arena: &mut Arena<N>,
    policy: &'a Policy,
    now: u64,
    cost: u32,
    check: impl Fn(S, &Taking<'_>) -> (S, Verdict),
) -> Taken<'a> {
    let mut places = places(*counters);
    let mut states = places.map(|place| arena.get(place).unwrap_or_default());
    let taken = take(&mut states, policy, now, cost, check);
    if taken.verdict.allowed() {
        for ((place, state), _) in places.iter_mut().zip(states).zip(policy.quotas()) {
            match *place {
                NOWHERE => *place = arena.add(state),
                place => arena.set(place, state),
            }
        }
        *counters = pair(places);
    }
    taken
}

fn places([first, second]: Pair) -> [u32; Policy::MOST_QUOTAS] {
    let low = |word: u64| u32::try_from(word & u64::from(u32::MAX)).unwrap_or(NOWHERE);
    [low(first), low(first >> 32), low(second), low(second >> 32)]
}

fn pair(places: [u32; Policy::MOST_QUOTAS]) -> Pair {
    let [a, b, c, d] = places.map(u64::from);
    [a | b << 32, c | d << 32]
}

#[inline]
fn take<'a, S: Copy + Default>(
    states: &mut [S],
    policy: &'a Policy,
    now: u64,
    cost: u32,
    check: impl Fn(S, &Taking<'_>) -> (S, Verdict),
) -> Taken<'a> {
    // One quota needs no second look.
    if let ([quota], [state, ..]) = (policy.quotas(), &mut *states) {
        let (after, verdict) = check(*state, &Taking { now, quota, cost });
        if verdict.allowed() {
            *state = after;
        }
        return Taken { verdict, quota, whole_after: verdict.reset };
    }
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
