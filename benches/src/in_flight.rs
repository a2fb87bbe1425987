//! Calls a second with so many in flight, and how long each takes.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::{JoinSet, coop::consume_budget};

use crate::Problem;

/// What is called, with keys that are numbered.
pub(crate) trait Call: Send + Sync + 'static {
    /// How many keys there are.
    fn keys(&self) -> usize;

    /// One call.
    fn call(&self, key: usize) -> impl Future<Output = Result<(), Problem>> + Send;
}

pub(crate) struct Figures {
    calls: usize,
    took: Duration,
    /// Nanoseconds, sorted.
    waits: Vec<u64>,
}

impl Figures {
    pub(crate) fn per_second(&self) -> f64 {
        (self.calls as f64 / self.took.as_secs_f64()).round()
    }

    /// How long so many of a thousand calls take at most, in microseconds.
    pub(crate) fn micros(&self, per_mille: usize) -> u64 {
        let place = self.waits.len() * per_mille / 1_000;
        self.waits.get(place).copied().unwrap_or_default() / 1_000
    }
}

/// So many clients, each of which makes one call after another for as long as `span`.
pub(crate) async fn measure(
    calls: &Arc<impl Call>,
    in_flight: usize,
    span: Duration,
) -> Result<Figures, Problem> {
    // The server learns the scripts and the keys before the watch runs.
    run(calls, in_flight, span.mul_f32(0.2)).await?;
    let start = Instant::now();
    let mut waits = run(calls, in_flight, span).await?;
    let took = start.elapsed();
    waits.sort_unstable();
    Ok(Figures { calls: waits.len(), took, waits })
}

async fn run(calls: &Arc<impl Call>, in_flight: usize, span: Duration) -> Result<Vec<u64>, Problem> {
    let end = Instant::now() + span;
    let mut clients = JoinSet::new();
    for client in 0..in_flight {
        let calls = Arc::clone(calls);
        clients.spawn(async move {
            let mut waits = Vec::new();
            // A stride that is prime to the number of keys: neighbours in time are strangers.
            for key in (0..calls.keys()).cycle().skip(client * 37).step_by(7) {
                let start = Instant::now();
                calls.call(key).await?;
                let done = Instant::now();
                waits.push(u64::try_from((done - start).as_nanos())?);
                // A call that never waits would keep the runtime from the tasks that hold the connections to Redis.
                consume_budget().await;
                if done >= end {
                    break;
                }
            }
            Ok::<_, Problem>(waits)
        });
    }
    let mut waits = Vec::new();
    while let Some(client) = clients.join_next().await {
        waits.extend(client??);
    }
    Ok(waits)
}
