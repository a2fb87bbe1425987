//! Sliding windows on Redis.

use std::time::Duration;

use palisade_redis::{Redis, Script};

use super::answer::{Answer, Standing, decide};
use crate::{Decision, Error, Policy, Quota};

/// How many parts a window has; the script knows it too.
const PARTS: u64 = 12;

#[derive(Debug)]
pub(super) struct SlidingWindow(Script);

impl SlidingWindow {
    pub(super) fn new() -> Self {
        Self(Script::new(include_str!("sliding_window.lua")))
    }

    pub(super) async fn check(
        &self,
        redis: &Redis,
        key: &str,
        policy: &Policy,
        cost: u32,
    ) -> Result<Decision, Error> {
        let mut call = self.0.call(key);
        call.arg(cost);
        for quota in policy.quotas() {
            // Rounded up, so that the parts never cover less than the window.
            call.arg(quota.window_nanos().div_ceil(1_000 * PARTS)).arg(quota.capacity());
        }
        let answer = Answer::new(redis.invoke(&self.0, &call).await?);
        let allowed = answer.allowed();
        let standings = policy.quotas().iter().zip(answer.words::<3>());
        decide(allowed, standings.map(|(quota, words)| (quota, standing(quota, allowed, words, cost))))
    }
}

/// What counts is without the request.
fn standing(quota: &Quota, allowed: bool, [used, wait, reset]: [u64; 3], cost: u32) -> Standing {
    let (limit, cost) = (u64::from(quota.capacity()), u64::from(cost));
    let counted = if allowed { used + cost } else { used };
    Standing {
        remaining: limit.saturating_sub(counted),
        reset_after: Duration::from_micros(reset),
        wait: (!allowed && used + cost > limit).then(|| match wait {
            0 => quota.window(),
            wait => Duration::from_micros(wait),
        }),
    }
}
