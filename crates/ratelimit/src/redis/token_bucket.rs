//! Token buckets on Redis.

use std::time::Duration;

use palisade_redis::{Redis, Script};

use super::answer::{Answer, Standing, decide, whole_millis};
use crate::{Decision, Error, Policy, Quota};

#[derive(Debug)]
pub(super) struct TokenBucket {
    many: Script,
    even: Script,
}

impl TokenBucket {
    pub(super) fn new() -> Self {
        Self {
            many: Script::new(include_str!("token_bucket.lua")),
            even: Script::new(include_str!("even_bucket.lua")),
        }
    }

    pub(super) async fn check(
        &self,
        redis: &Redis,
        key: &str,
        policy: &Policy,
        cost: u32,
    ) -> Result<Decision, Error> {
        if let [quota] = policy.quotas() {
            let bucket = Bucket::of(quota, cost);
            if bucket.is_even() {
                return self.check_even(redis, key, quota, &bucket).await;
            }
        }
        let buckets = || policy.quotas().iter().map(|quota| (quota, Bucket::of(quota, cost)));
        let longest = buckets().map(|(_, bucket)| bucket.longest()).max().unwrap_or_default();
        let mut call = self.many.call(key);
        call.arg(longest);
        for (_, bucket) in buckets() {
            call.arg(bucket.taking).arg(bucket.depth);
        }
        let answer = Answer::new(redis.invoke(&self.many, &call).await?);
        let allowed = answer.allowed();
        let standings = buckets().zip(answer.words::<1>());
        decide(allowed, standings.map(|((quota, bucket), [taken])| (quota, bucket.standing(allowed, taken))))
    }

    async fn check_even(
        &self,
        redis: &Redis,
        key: &str,
        quota: &Quota,
        bucket: &Bucket,
    ) -> Result<Decision, Error> {
        let mut call = self.even.call(key);
        call.arg(bucket.taking / 1_000).arg(bucket.depth / 1_000).arg(bucket.longest() / 1_000);
        let answer: i64 = redis.invoke(&self.even, &call).await?;
        let allowed = answer < 0;
        let taken = answer.unsigned_abs().saturating_mul(1_000);
        decide(allowed, std::iter::once((quota, bucket.standing(allowed, taken))))
    }
}

/// A quota as the scripts count it, in microseconds of refilling.
struct Bucket {
    /// One token.
    interval: u64,
    /// A whole bucket.
    depth: u64,
    /// The request.
    taking: u64,
    window: Duration,
}

impl Bucket {
    /// Rounded up, so that no more are let through than promised.
    fn of(quota: &Quota, cost: u32) -> Self {
        let interval = quota.interval_nanos().div_ceil(1_000);
        // At most twice 366 days and 72 minutes.
        let depth = u64::from(quota.capacity()) * interval;
        Self { interval, depth, taking: u64::from(cost).saturating_mul(interval), window: quota.window() }
    }

    fn is_even(&self) -> bool {
        self.interval.is_multiple_of(1_000)
    }

    /// What remains longer than this was left behind by a clock that has been set back.
    fn longest(&self) -> u64 {
        let window = u64::try_from(self.window.as_micros()).unwrap_or(u64::MAX);
        self.depth.max(window).saturating_mul(2)
    }

    /// `taken` is with the request when it was allowed, else without it.
    fn standing(&self, allowed: bool, taken: u64) -> Standing {
        let wanted = taken.saturating_add(self.taking);
        let wait = (!allowed && wanted > self.depth).then(|| match self.taking > self.depth {
            true => self.window,
            false => whole_millis(wanted - self.depth),
        });
        let remaining = self.depth.saturating_sub(taken) / self.interval;
        Standing { remaining, reset_after: whole_millis(taken), wait }
    }
}
