//! A callee that does as it is told.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use palisade_core::{Clock, Random, SeededRandom, SystemClock, Timeline};
use palisade_resilience::Backoff;
use tokio::time::Instant;

/// What the callee fails with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost;

/// A callee that fails so many times and then gives the number of the call.
#[derive(Debug, Default)]
pub(crate) struct Callee {
    pub(crate) fails: u32,
    calls: AtomicU32,
}

impl Callee {
    pub(crate) fn failing(fails: u32) -> Self {
        Self { fails, ..Self::default() }
    }

    pub(crate) fn call(&self) -> impl Future<Output = Result<u32, Lost>> + use<> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        std::future::ready(if number > self.fails { Ok(number) } else { Err(Lost) })
    }

    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }
}

/// A call that never ends.
pub(crate) fn hanging() -> impl Future<Output = Result<u32, Lost>> {
    std::future::pending()
}

/// Always the largest number: each wait is as long as it can be.
pub(crate) struct Largest;

impl Random for Largest {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0xFF);
    }
}

/// Waits of 100, 200, 400 ms and so on up to 2 s.
pub(crate) fn longest_waits() -> Backoff {
    Backoff::standard(Arc::new(Largest))
}

/// Waits up to those.
pub(crate) fn waits() -> Backoff {
    Backoff::standard(Arc::new(SeededRandom::new(42)))
}

/// How long `future` takes, to the millisecond: the runtime's timer goes no finer.
pub(crate) async fn timed<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let begin = Instant::now();
    let outcome = future.await;
    (outcome, Duration::from_millis(u64::try_from(begin.elapsed().as_millis()).unwrap()))
}

/// The paused time of the runtime.
pub(crate) fn paused_time() -> Timeline {
    Timeline::following(Arc::new(PausedClock { start: SystemClock.now(), begin: Instant::now() }))
}

struct PausedClock {
    start: DateTime<Utc>,
    begin: Instant,
}

impl Clock for PausedClock {
    fn now(&self) -> DateTime<Utc> {
        self.start + self.begin.elapsed()
    }
}
