//! Counters on Redis, for all processes together.

mod answer;
mod fixed_window;
mod key;
mod sliding_window;
mod token_bucket;

use std::num::NonZeroU32;

use palisade_redis::Redis;

use self::{fixed_window::FixedWindow, sliding_window::SlidingWindow, token_bucket::TokenBucket};
use crate::{Algorithm, Checking, Decision, Error, LimitKey, Policy, RateLimiter};

/// Counters on Redis, for all processes together: exact, by the server's clock, one script call per check.
///
/// - **One key** for each policy and key, [`RedisRateLimiter::DEFAULT_PREFIX`] and a hash tag before it, so that a
///   cluster can keep it; it expires when nothing counts any more. Keys of any text are brought to at most 64 safe
///   characters of it, or to their SHA-256.
/// - **A lost server** is [`Error::Unavailable`], after the time limit of the handle for the first to notice and at once
///   for the others. [`FallbackRateLimiter`](crate::FallbackRateLimiter) goes on without it.
/// - **Time** is counted in whole milliseconds by token buckets and fixed windows, in whole microseconds by sliding
///   windows: of a burst smaller than a millisecond refills not all is let through, never more.
pub struct RedisRateLimiter {
    redis: Redis,
    prefix: Box<str>,
    token_bucket: TokenBucket,
    sliding_window: SlidingWindow,
    fixed_window: FixedWindow,
}

impl RedisRateLimiter {
    /// What the keys begin with unless told otherwise.
    pub const DEFAULT_PREFIX: &str = "rl:";

    /// A limiter on this server.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self::with_prefix(redis, Self::DEFAULT_PREFIX)
    }

    /// A limiter whose keys begin with `prefix`, so that several programs can share a server.
    #[must_use]
    pub fn with_prefix(redis: Redis, prefix: impl Into<Box<str>>) -> Self {
        let prefix = prefix.into();
        redis.probe_with(&format!("{prefix}probe"));
        Self {
            redis,
            prefix,
            token_bucket: TokenBucket::new(),
            sliding_window: SlidingWindow::new(),
            fixed_window: FixedWindow::new(),
        }
    }

    async fn ask(&self, policy: &Policy, key: &LimitKey, cost: u32) -> Result<Decision, Error> {
        let (redis, key) = (&self.redis, key::of(&self.prefix, policy, key));
        match policy.algorithm() {
            Algorithm::TokenBucket => self.token_bucket.check(redis, &key, policy, cost).await,
            Algorithm::SlidingWindow => self.sliding_window.check(redis, &key, policy, cost).await,
            Algorithm::FixedWindow => self.fixed_window.check(redis, &key, policy, cost).await,
        }
    }
}

impl RateLimiter for RedisRateLimiter {
    fn check<'a>(&'a self, policy: &'a Policy, key: &'a LimitKey, cost: NonZeroU32) -> Checking<'a> {
        if self.redis.is_up() {
            Checking::later(self.ask(policy, key, cost.get()))
        } else {
            Checking::now(Err(palisade_redis::Error::Lost.into()))
        }
    }

    fn losses(&self) -> u64 {
        self.redis.counters().lost
    }
}

impl From<palisade_redis::Error> for Error {
    fn from(error: palisade_redis::Error) -> Self {
        Self::unavailable(error)
    }
}

impl std::fmt::Debug for RedisRateLimiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisRateLimiter").field("redis", &self.redis).field("prefix", &self.prefix).finish()
    }
}
