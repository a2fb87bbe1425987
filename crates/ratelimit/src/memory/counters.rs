//! All counters of one policy and key.

use crate::{
    Algorithm, Decision, Policy,
    algorithm::{
        Taking,
        fixed_window::{self, Window},
        sliding_window::{self, Ring},
        token_bucket,
    },
};

/// All counters of one policy and key. What most policies need, one or two words, is kept in place.
#[derive(Debug)]
pub(super) enum Counters {
    Pair([u64; 2]),
    Four(Box<[u64; 4]>),
    Rings(Box<[Ring]>),
}

/// What came of a request.
pub(super) struct Taken {
    /// What the tightest quota says.
    pub(super) decision: Decision,
    /// After so many nanoseconds from now the counters say nothing that new ones would not.
    pub(super) whole_after: u64,
}

impl Counters {
    /// Of a key that was never seen.
    pub(super) fn new(policy: &Policy) -> Self {
        match (policy.algorithm(), policy.quotas().len()) {
            (Algorithm::SlidingWindow, quotas) => Self::Rings(vec![Ring::default(); quotas].into()),
            (_, ..=2) => Self::Pair([0; 2]),
            (_, _) => Self::Four(Box::new([0; 4])),
        }
    }

    /// Counts the request when each quota lets it, else leaves all as they are.
    pub(super) fn take(&mut self, policy: &Policy, now: u64, cost: u32) -> Taken {
        let words = match self {
            Self::Rings(rings) => return take(rings, policy, now, cost, sliding_window::check),
            Self::Pair(words) => words.as_mut_slice(),
            Self::Four(words) => words.as_mut_slice(),
        };
        if policy.algorithm() == Algorithm::FixedWindow {
            let check = |word, taking: &Taking<'_>| {
                let (window, decision) = fixed_window::check(Window::from(word), taking);
                (window.into(), decision)
            };
            return take(words, policy, now, cost, check);
        }
        take(words, policy, now, cost, token_bucket::check)
    }
}

fn take<S: Copy + Default>(
    states: &mut [S],
    policy: &Policy,
    now: u64,
    cost: u32,
    check: impl Fn(S, &Taking<'_>) -> (S, Decision),
) -> Taken {
    let mut after = [S::default(); Policy::MOST_QUOTAS];
    let mut decision = Decision::untouched(*policy.first());
    let mut whole_after = decision.reset_after;
    for ((quota, state), after) in policy.quotas().iter().zip(&*states).zip(&mut after) {
        let verdict;
        (*after, verdict) = check(*state, &Taking { now, quota, cost });
        whole_after = whole_after.max(verdict.reset_after);
        decision = decision.tighter(verdict);
    }
    if decision.allowed {
        states.iter_mut().zip(after).for_each(|(state, after)| *state = after);
    }
    Taken { decision, whole_after: u64::try_from(whole_after.as_nanos()).unwrap_or(u64::MAX) }
}
