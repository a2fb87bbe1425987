//! Who is measured.

use std::{
    hint::black_box,
    net::Ipv4Addr,
    num::{NonZeroU32, NonZeroUsize},
    time::{Duration, Instant},
};

use governor::{DefaultKeyedRateLimiter, RateLimiter};
use palisade_core::SystemClock;
use palisade_ratelimit::{
    Algorithm, InvalidPolicy, Key, MemoryOptions, MemoryRateLimiter, Moment, Policy, Quota, Timeline,
};

/// A limiter under measurement.
pub(crate) trait Contender: Sync {
    /// How long it takes to check this many keys of the first `keys`, those from `from` on. Keys are made before the
    /// time is taken: the edge has its key at hand too.
    fn check(&self, from: usize, keys: usize, checks: usize) -> Duration;
}

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
    fn check(&self, from: usize, keys: usize, checks: usize) -> Duration {
        let key = |number: u32| Key::of("ip", Ipv4Addr::from_bits(0x0A00_0000 + number));
        let now = || self.moment.unwrap_or_else(|| self.limiter.timeline().now());
        let check = |key: &Key| self.limiter.check_at(&self.policy, key, NonZeroU32::MIN, now()).allowed;
        in_batches(from, keys, checks, key, check)
    }
}

impl Contender for Governor {
    fn check(&self, from: usize, keys: usize, checks: usize) -> Duration {
        in_batches(from, keys, checks, u64::from, |key| self.0.check_key(key).is_ok())
    }
}

/// So many keys are made at a time: as those of a request, they are near at hand when they are checked.
const BATCH: usize = 200;

fn in_batches<K>(
    mut from: usize,
    keys: usize,
    mut checks: usize,
    key: impl Fn(u32) -> K,
    check: impl Fn(&K) -> bool,
) -> Duration {
    let mut spent = Duration::ZERO;
    while checks > 0 {
        let numbers = (from..from + BATCH.min(keys)).filter_map(|number| u32::try_from(number % keys).ok());
        let batch: Vec<K> = numbers.map(&key).collect();
        // All there are: nothing else has to be made.
        let rounds = if keys > BATCH { 1 } else { checks.div_ceil(batch.len()) };
        let begin = Instant::now();
        for _ in 0..rounds {
            batch.iter().for_each(|key| _ = black_box(check(key)));
        }
        spent += begin.elapsed();
        checks = checks.saturating_sub(rounds * batch.len());
        from += batch.len();
    }
    spent
}
