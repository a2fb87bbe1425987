//! Who is measured.

use std::{
    hint::black_box,
    net::Ipv4Addr,
    num::{NonZeroU32, NonZeroUsize},
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, RateLimiter};
use palisade_core::SystemClock;
use palisade_ratelimit::{
    Algorithm, InvalidPolicy, LimitKey, MemoryOptions, MemoryRateLimiter, Moment, Policy, Quota, Timeline,
};

use crate::rounds::{Contender, in_batches};

/// Ours, by keys of text as the edge makes them.
pub(crate) struct Palisade {
    limiter: MemoryRateLimiter,
    policy: Policy,
    /// Instead of reading the clock for each check.
    moment: Option<Moment>,
}

/// governor, at its best: keyed by numbers, with one clock that is kept.
pub(crate) struct Governor(DefaultKeyedRateLimiter<u64>);

/// So many in a second that none is refused, for both.
const PLENTY: NonZeroU32 = NonZeroU32::new(1_000_000_000).unwrap();

/// What the names in the figures stand for.
pub(crate) fn palisade(name: &str, keys: usize) -> Result<Palisade, InvalidPolicy> {
    let plenty = Quota::per_second(PLENTY.get());
    let (algorithm, quotas) = match name {
        "palisade sliding window" => (Algorithm::SlidingWindow, vec![plenty]),
        "palisade fixed window" => (Algorithm::FixedWindow, vec![plenty]),
        // The policy of the defaults: a minute and an hour.
        "palisade two windows" => {
            (Algorithm::TokenBucket, vec![Quota::per_minute(u32::MAX), Quota::per_hour(u32::MAX)])
        }
        "palisade refusing" => (Algorithm::TokenBucket, vec![Quota::per_day(1)]),
        _ => (Algorithm::TokenBucket, vec![plenty]),
    };
    let max_keys = NonZeroUsize::new(keys * 2).unwrap_or(NonZeroUsize::MIN);
    let limiter = MemoryRateLimiter::new(Timeline::steady(&SystemClock), MemoryOptions { max_keys });
    Ok(Palisade {
        moment: (name == "palisade, time given").then(|| limiter.timeline().now()),
        limiter,
        policy: Policy::new("api", algorithm, quotas)?,
    })
}

pub(crate) fn governor() -> Governor {
    Governor(RateLimiter::keyed(governor::Quota::per_second(PLENTY)))
}

impl Contender for Palisade {
    fn time(&self, from: usize, keys: usize, checks: usize) -> Duration {
        let key = |number: u32| LimitKey::of("ip", Ipv4Addr::from_bits(0x0A00_0000 + number));
        let now = || self.moment.unwrap_or_else(|| self.limiter.timeline().now());
        let check = |key: &LimitKey| self.limiter.check_at(&self.policy, key, NonZeroU32::MIN, now()).allowed;
        in_batches(from, keys, checks, key, |key| _ = black_box(check(key)))
    }
}

impl Contender for Governor {
    fn time(&self, from: usize, keys: usize, checks: usize) -> Duration {
        in_batches(from, keys, checks, u64::from, |key| _ = black_box(self.0.check_key(key).is_ok()))
    }
}
