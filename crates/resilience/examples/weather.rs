//! A callee that is down for a while, behind a policy: `cargo run -p palisade-resilience --example weather`.
#![expect(clippy::print_stdout, reason = "a program talks to whoever runs it")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use palisade_core::{Error, ErrorKind, SystemClock, SystemRandom, Timeline};
use palisade_resilience::{
    Backoff, Breaker, BreakerPolicy, Policy, Retry, RetryBudget, Timeout, Trip, guarded,
};

struct Weather {
    policy: Policy,
    calls: AtomicU32,
}

impl Weather {
    fn new() -> Self {
        let time = Timeline::steady(&SystemClock);
        let left_alone =
            BreakerPolicy::default().trip_at(Trip::consecutive(3)).recover_after(Duration::from_millis(500));
        let policy = Policy::builder("weather")
            .timeout(Timeout::none().per_attempt(Duration::from_millis(200)).in_all(Duration::from_secs(1)))
            .retry(
                Retry::new(Backoff::standard(Arc::new(SystemRandom)))
                    .budget(RetryBudget::standard(time.clone())),
            )
            .breaker(Breaker::new("weather", left_alone, time))
            .build();
        Self { policy, calls: AtomicU32::new(0) }
    }

    /// One attempt: fails for the third call to the sixth.
    #[guarded]
    async fn today(&self, city: &str) -> Result<String, Error> {
        match self.calls.fetch_add(1, Ordering::Relaxed) {
            2..6 => Err(ErrorKind::Upstream.into()),
            _ => Ok(format!("sunny in {city}")),
        }
    }
}

#[tokio::main]
async fn main() {
    let weather = Weather::new();
    for _ in 0..12 {
        match weather.today("Tampere").await {
            Ok(answer) => println!("{answer}"),
            Err(error) => println!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    println!("{:?}", weather.policy.counters());
}
