//! Who is measured.

use std::{convert::Infallible, hint::black_box, sync::Arc, time::Duration};

use palisade_core::{SystemClock, SystemRandom, Timeline};
use palisade_resilience::{
    Backoff, Breaker, BreakerPolicy, Bulkhead, BulkheadBounds, Policy, PolicyBuilder, Retry, RetryBudget,
    Timeout,
};
use tokio::runtime::Handle;

use crate::{
    Problem,
    at_once::at_once,
    rounds::{Contender, Contenders, in_batches},
};

const SECOND: Duration = Duration::from_secs(1);

/// Guarded calls; each says whether it ended as it should.
struct Calls<C> {
    runtime: Handle,
    call: C,
}

impl<C: Fn() -> bool + Sync> Contender for Calls<C> {
    fn time(&self, from: usize, keys: usize, calls: usize) -> Duration {
        let _on_the_runtime = self.runtime.enter();
        in_batches(from, keys, calls, |_| (), |()| _ = black_box((self.call)()))
    }
}

/// A breaker alone, then policies of more and more parts around a call that answers at once.
pub(crate) fn contenders(runtime: &Handle) -> Result<Box<Contenders<'static>>, Problem> {
    let (closed, open) = (breaker(), breaker());
    open.hold_open("to be measured");
    let refusing = none().breaker(open.clone()).build();
    let policy = |parts: PolicyBuilder| {
        let policy = parts.build();
        calls(runtime, move || at_once(policy.call(answer)).is_some_and(|outcome| outcome.is_ok()))
    };
    Ok(Box::new([
        ("the call alone", calls(runtime, || at_once(answer()).is_some_and(|outcome| outcome.is_ok()))?),
        (
            "breaker, closed",
            calls(runtime, move || closed.acquire().map(|permit| permit.succeeded()).is_ok())?,
        ),
        ("breaker, open", calls(runtime, move || open.acquire().is_err())?),
        ("policy of no parts", policy(none())?),
        ("policy: breaker", policy(with_breaker(none()))?),
        (
            "policy: breaker, open",
            calls(runtime, move || at_once(refusing.call(answer)).is_some_and(|outcome| outcome.is_err()))?,
        ),
        ("policy: bulkhead", policy(with_bulkhead(none()))?),
        ("policy: time limits", policy(with_limits(none()))?),
        ("policy: retry with a budget", policy(with_retry(none()))?),
        ("policy of all parts", policy(with_retry(with_limits(with_bulkhead(with_breaker(none())))))?),
    ]))
}

/// Whoever fails would be fast for nothing, so it is called once.
fn calls(runtime: &Handle, call: impl Fn() -> bool + Sync + 'static) -> Result<Box<dyn Contender>, Problem> {
    let _on_the_runtime = runtime.enter();
    match call() {
        true => Ok(Box::new(Calls { runtime: runtime.clone(), call })),
        false => Err("a call did not end as it should".into()),
    }
}

async fn answer() -> Result<u64, Infallible> {
    Ok(black_box(42))
}

fn none() -> PolicyBuilder {
    Policy::builder("bench")
}

fn breaker() -> Breaker {
    Breaker::new("bench", BreakerPolicy::default(), Timeline::steady(&SystemClock))
}

fn with_breaker(policy: PolicyBuilder) -> PolicyBuilder {
    policy.breaker(breaker())
}

fn with_bulkhead(policy: PolicyBuilder) -> PolicyBuilder {
    policy.bulkhead(Bulkhead::new(BulkheadBounds { concurrent: 64, waiting: 64, max_wait: SECOND }))
}

fn with_limits(policy: PolicyBuilder) -> PolicyBuilder {
    policy.timeout(Timeout::none().per_attempt(SECOND).in_all(4 * SECOND))
}

fn with_retry(policy: PolicyBuilder) -> PolicyBuilder {
    let budget = RetryBudget::standard(Timeline::steady(&SystemClock));
    policy.retry(Retry::new(Backoff::standard(Arc::new(SystemRandom))).budget(budget))
}
