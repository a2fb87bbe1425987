//! Fixed windows on Redis.

use std::time::Duration;

use palisade_redis::{Redis, Script};

use super::answer::{Answer, Standing, decide};
use crate::{Decision, Error, Policy, Quota};

#[derive(Debug)]
pub(super) struct FixedWindow(Script);

impl FixedWindow {
    pub(super) fn new() -> Self {
        Self(Script::new(include_str!("fixed_window.lua")))
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
            // The server counts whole milliseconds.
            call.arg(quota.window_nanos().div_ceil(1_000_000)).arg(quota.capacity());
        }
        let answer = Answer::new(redis.invoke(&self.0, &call).await?);
        let allowed = answer.allowed();
        let standings = policy.quotas().iter().zip(answer.words::<2>());
        decide(
            allowed,
            standings.map(|(quota, [count, left])| (quota, standing(quota, allowed, count, left, cost))),
        )
    }
}

/// `count` is without the request.
fn standing(quota: &Quota, allowed: bool, count: u64, left: u64, cost: u32) -> Standing {
    let (limit, cost, left) = (u64::from(quota.capacity()), u64::from(cost), Duration::from_millis(left));
    let counted = if allowed { count + cost } else { count };
    Standing {
        remaining: limit.saturating_sub(counted),
        reset_after: if counted == 0 { Duration::ZERO } else { left },
        wait: (!allowed && count + cost > limit).then(|| if cost > limit { quota.window() } else { left }),
    }
}
