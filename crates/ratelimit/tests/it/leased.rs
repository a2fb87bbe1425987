//! Slices of a shared limit.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use palisade_core::ManualClock;
use palisade_ratelimit::{
    Algorithm, Checking, Decision, LeasedRateLimiter, LimitKey, MemoryOptions, MemoryRateLimiter, Policy,
    Quota, RateLimiter, Timeline,
};
use proptest::prelude::*;

const LIMIT: u32 = 100;
const SLICE: NonZeroU32 = NonZeroU32::new(8).unwrap();
const MINUTE: Duration = Duration::from_secs(60);

/// A store that several limiters share, and that counts how often it is asked.
#[derive(Debug, Clone)]
struct Store {
    limiter: Arc<MemoryRateLimiter>,
    asked: Arc<AtomicUsize>,
}

impl RateLimiter for Store {
    fn check<'a>(&'a self, policy: &'a Policy, key: &'a LimitKey, cost: NonZeroU32) -> Checking<'a> {
        self.asked.fetch_add(1, Relaxed);
        self.limiter.check(policy, key, cost)
    }
}

/// Processes that share a store, at the beginning of a window.
struct World {
    clock: Arc<ManualClock>,
    store: Store,
    processes: [LeasedRateLimiter<Store>; 2],
    policy: Policy,
    key: LimitKey,
}

impl World {
    fn new(algorithm: Algorithm) -> Self {
        let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap()));
        let timeline = Timeline::following(clock.clone());
        let limiter = MemoryRateLimiter::new(timeline.clone(), MemoryOptions::default());
        let store = Store { limiter: Arc::new(limiter), asked: Arc::default() };
        let process = || LeasedRateLimiter::new(store.clone(), timeline.clone(), SLICE);
        let policy = Policy::new("api", algorithm, [Quota::per_minute(LIMIT)]).unwrap();
        Self { processes: [process(), process()], clock, store, policy, key: LimitKey::new("somebody") }
    }

    async fn check(&self, process: usize, cost: u32) -> Decision {
        let cost = NonZeroU32::new(cost).unwrap();
        let process = self.processes.get(process).unwrap();
        process.check(&self.policy, &self.key, cost).await.unwrap()
    }

    async fn passed(&self, process: usize, requests: u32) -> u32 {
        let mut passed = 0;
        for _ in 0..requests {
            passed += u32::from(self.check(process, 1).await.allowed);
        }
        passed
    }

    fn asked(&self) -> usize {
        self.store.asked.swap(0, Relaxed)
    }
}

#[tokio::test]
async fn processes_together_let_through_the_limit_and_seldom_ask() {
    let world = World::new(Algorithm::FixedWindow);
    let (first, second) = (world.passed(0, 45).await, world.passed(1, 200).await);
    let unused = SLICE.get() - 45 % SLICE.get();
    assert_eq!((first, first + second), (45, LIMIT - unused));
    assert!(world.asked() <= 20, "one question for each slice, and one for each of the last few requests");
    // What the other has taken, it may still use.
    assert_eq!(world.passed(0, 200).await, unused);
}

#[tokio::test]
async fn a_refusal_is_remembered_to_the_end_of_its_window() {
    let world = World::new(Algorithm::FixedWindow);
    assert_eq!(world.passed(0, 150).await, LIMIT);
    world.asked();
    let refused = world.check(0, 1).await;
    assert_eq!((refused.allowed, refused.remaining, world.asked()), (false, 0, 0));
    let wait = refused.retry_after.unwrap();
    assert!(wait <= MINUTE && wait > MINUTE - Duration::from_secs(1), "{wait:?}");
    world.clock.advance(wait);
    assert_eq!(world.passed(0, 150).await, LIMIT);
}

#[tokio::test]
async fn a_lease_ends_with_its_window() {
    let world = World::new(Algorithm::FixedWindow);
    world.clock.advance(MINUTE - Duration::from_millis(5));
    assert!(world.check(0, 1).await.allowed, "and leaves seven in the lease");
    world.clock.advance(Duration::from_millis(5));
    assert_eq!(world.passed(1, 200).await, LIMIT);
    assert_eq!(world.passed(0, 200).await, 0);
}

#[tokio::test]
async fn what_does_not_fit_into_a_lease_is_asked_for_itself() {
    let world = World::new(Algorithm::FixedWindow);
    assert!(world.check(0, 50).await.allowed);
    assert!(!world.check(0, LIMIT + 1).await.allowed, "never fits");
    assert!(!world.check(0, 51).await.allowed);
    assert_eq!(world.check(0, 30).await.remaining, 20);
    assert_eq!(world.passed(0, 50).await, 20);
}

#[tokio::test]
async fn every_other_policy_is_asked_of_the_store() {
    for algorithm in [Algorithm::TokenBucket, Algorithm::SlidingWindow] {
        let world = World::new(algorithm);
        assert_eq!((world.passed(0, 150).await, world.asked()), (LIMIT, 150), "{algorithm:?}");
    }
    let world = World::new(Algorithm::FixedWindow);
    let two = Policy::new("two", Algorithm::FixedWindow, [Quota::per_minute(LIMIT), Quota::per_hour(LIMIT)]);
    for _ in 0..10 {
        world.processes[0].check(two.as_ref().unwrap(), &world.key, NonZeroU32::MIN).await.unwrap();
    }
    assert_eq!(world.asked(), 10);
}

proptest! {
    #[test]
    fn in_no_window_more_than_the_limit(
        steps in prop::collection::vec((0..2_usize, 1..12_u32, 0..4_000_u64), 1..400),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let world = World::new(Algorithm::FixedWindow);
        let (mut passed_millis, mut window, mut counted) = (0, 0, 0);
        for (process, cost, millis) in steps {
            passed_millis += millis;
            world.clock.advance(Duration::from_millis(millis));
            if passed_millis / 60_000 > window {
                (window, counted) = (passed_millis / 60_000, 0);
            }
            if runtime.block_on(world.check(process, cost)).allowed {
                counted += cost;
            }
            prop_assert!(counted <= LIMIT, "{counted} in window {window}");
        }
    }
}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_on_one_redis_let_through_the_limit_in_all() {
    use palisade_core::SystemClock;
    use palisade_ratelimit::RedisRateLimiter;
    use palisade_testkit::redis_url;

    let mut processes = Vec::new();
    for _ in 0..4 {
        let store = RedisRateLimiter::with_prefix(super::redis::connect(redis_url()).await, "leased:");
        let slice = NonZeroU32::new(50).unwrap();
        processes.push(Arc::new(LeasedRateLimiter::new(store, Timeline::steady(&SystemClock), slice)));
    }
    // A day, so that no window ends meanwhile.
    let policy = Policy::new("day", Algorithm::FixedWindow, [Quota::per_day(2_000)]).unwrap();
    for trial in 0..5 {
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..64 {
            let (process, policy) = (Arc::clone(&processes[task % 4]), policy.clone());
            tasks.spawn(async move {
                let (key, mut passed) = (LimitKey::of("trial", trial), 0);
                for _ in 0..60 {
                    passed += u32::from(process.check(&policy, &key, NonZeroU32::MIN).await.unwrap().allowed);
                }
                passed
            });
        }
        let passed: u32 = tasks.join_all().await.into_iter().sum();
        // More is asked for than there is; unused is what a process had left when its last request was done.
        assert!((1_800..=2_000).contains(&passed), "{passed}");
    }
}
