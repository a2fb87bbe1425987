//! Many keys: bounds, cleaning, and who is forgotten.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use palisade_core::ManualClock;
use palisade_ratelimit::{
    Algorithm, LimitKey, MemoryOptions, MemoryRateLimiter, Policy, Quota, RateLimiter, Timeline, Upkeep,
};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::TokenBucket, Algorithm::SlidingWindow, Algorithm::FixedWindow];

struct World {
    clock: Arc<ManualClock>,
    limiter: MemoryRateLimiter,
    policy: Policy,
}

impl World {
    fn new(algorithm: Algorithm, max_keys: usize) -> Self {
        let clock = Arc::new(ManualClock::default());
        let timeline = Timeline::following(clock.clone());
        let limiter =
            MemoryRateLimiter::new(timeline, MemoryOptions { max_keys: max_keys.try_into().unwrap() });
        let policy = Policy::new("api", algorithm, [Quota::per_minute(10), Quota::per_hour(50)]).unwrap();
        Self { clock, limiter, policy }
    }

    fn passes(&self, key: &LimitKey) -> bool {
        self.limiter.check_now(&self.policy, key, NonZeroU32::MIN).allowed
    }

    fn flood(&self, keys: usize) {
        (0..keys).for_each(|number| assert!(self.passes(&LimitKey::of("flood", number))));
    }
}

#[test]
fn there_are_never_more_counters_than_allowed() {
    for max_keys in [1, 10, 1_000, 5_000] {
        let world = World::new(Algorithm::TokenBucket, max_keys);
        world.flood(20_000);
        let len = world.limiter.len();
        assert!(len <= max_keys + max_keys.div_ceil(16) + 64, "{len} of {max_keys}");
        assert!(len >= max_keys * 9 / 10, "{len} of {max_keys}");
    }
}

#[test]
fn a_flood_of_new_keys_frees_no_one_who_is_at_the_limit() {
    for algorithm in ALGORITHMS {
        let world = World::new(algorithm, 2_000);
        let limited: Vec<LimitKey> = (0..200).map(|number| LimitKey::of("limited", number)).collect();
        limited.iter().for_each(|key| while world.passes(key) {});
        world.flood(100_000);
        assert!(!limited.iter().any(|key| world.passes(key)), "{algorithm:?}");
    }
}

#[test]
fn a_flood_of_refused_keys_takes_no_memory() {
    let world = World::new(Algorithm::TokenBucket, 2_000);
    let cost = NonZeroU32::new(11).unwrap();
    for number in 0..1_000 {
        assert!(!world.limiter.check_now(&world.policy, &LimitKey::of("flood", number), cost).allowed);
    }
    assert!(world.limiter.is_empty());
}

#[test]
fn a_few_checks_clean_up_after_everything_has_expired() {
    for algorithm in ALGORITHMS {
        let world = World::new(algorithm, 300_000);
        world.flood(100_000);
        assert_eq!(world.limiter.len(), 100_000);
        world.clock.advance(Duration::from_secs(4_000));
        for _ in 0..200 {
            world.passes(&LimitKey::new("someone"));
            world.clock.advance(Duration::from_millis(20));
        }
        assert_eq!(world.limiter.len(), 1, "{algorithm:?}");
    }
}

#[test]
fn cleaning_forgets_nobody_too_early() {
    for algorithm in ALGORITHMS {
        let world = World::new(algorithm, 10_000);
        let limited: Vec<LimitKey> = (0..100).map(|number| LimitKey::of("limited", number)).collect();
        limited.iter().for_each(|key| while world.passes(key) {});
        world.flood(5_000);
        let mut waited = Duration::ZERO;
        // One a minute is what a bucket of fifty an hour gives; none of them comes in between.
        while waited < Duration::from_secs(4) {
            world.clock.advance(Duration::from_millis(500));
            waited += Duration::from_millis(500);
            world.limiter.sweep();
            let at_once = limited.iter().filter(|key| world.passes(key)).count();
            // The minute of a fixed window may end.
            assert!(algorithm == Algorithm::FixedWindow || at_once == 0, "{algorithm:?} {waited:?}");
        }
    }
}

#[test]
fn sweeping_leaves_nothing_of_what_has_expired() {
    let world = World::new(Algorithm::SlidingWindow, 10_000);
    world.flood(5_000);
    world.limiter.sweep();
    assert_eq!(world.limiter.len(), 5_000);
    world.clock.advance(Duration::from_secs(4_000));
    world.limiter.sweep();
    assert!(world.limiter.is_empty());
}

#[test]
fn an_idle_limiter_gives_its_memory_back_after_a_flood() {
    for algorithm in ALGORITHMS {
        let world = World::new(algorithm, 300_000);
        assert_eq!(world.limiter.allocated(), 0, "the base");
        world.flood(100_000);
        let peak = world.limiter.allocated();
        assert!(peak > 100_000 * 32, "{algorithm:?} {peak}");
        // Nobody checks anything any more, until all has expired and a few rounds are over.
        world.clock.advance(Duration::from_secs(4_000));
        for _ in 0..60 {
            world.clock.advance(Duration::from_secs(1));
            world.limiter.tend();
        }
        assert_eq!((world.limiter.len(), world.limiter.allocated()), (0, 0), "{algorithm:?}");
    }
}

#[test]
fn a_few_who_stay_after_a_flood_take_little_memory() {
    for algorithm in ALGORITHMS {
        let world = World::new(algorithm, 300_000);
        world.flood(100_000);
        let peak = world.limiter.allocated();
        world.clock.advance(Duration::from_secs(4_000));
        for _ in 0..60 {
            world.clock.advance(Duration::from_secs(1));
            (0..200).for_each(|number| {
                world.passes(&LimitKey::of("regular", number));
            });
            world.limiter.tend();
        }
        let (len, allocated) = (world.limiter.len(), world.limiter.allocated());
        assert!(len == 200 && allocated < peak / 2, "{algorithm:?} {len} {allocated} of {peak}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_upkeep_tends_its_limiter_until_it_is_dropped() {
    let World { clock, limiter, policy } = World::new(Algorithm::SlidingWindow, 1_000);
    let limiter = Arc::new(limiter);
    for number in 0..1_000 {
        limiter.check_now(&policy, &LimitKey::of("flood", number), NonZeroU32::MIN);
    }
    let upkeep = Upkeep::start(Arc::clone(&limiter) as Arc<dyn RateLimiter>);
    clock.advance(Duration::from_secs(4_000));
    while limiter.allocated() > 0 {
        clock.advance(Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
    }
    drop(upkeep);
    while Arc::strong_count(&limiter) > 1 {
        tokio::task::yield_now().await;
    }
}
