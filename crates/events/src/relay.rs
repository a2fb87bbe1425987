//! Delivers what is kept in the database: what this process has just recorded, what others have left, and what is to be
//! repeated.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use palisade_core::{Error, Result, clock::after};
use palisade_telemetry::correlation::Correlated;
use tokio::{
    sync::{Notify, mpsc::Receiver},
    task::JoinSet,
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::{
    delivery::Job,
    lanes::Lanes,
    store::Due,
    unit::{Kept, Shared},
};

/// How many deliveries are noted as made at once, and claimed at once for one subscriber.
const BATCH: usize = 128;
/// How long deliveries gather before they are noted. Those of a process that ends in between are made once more.
const GATHER: Duration = Duration::from_millis(50);
/// How many rounds of polling pass between two measurements.
const MEASURED_EVERY: u32 = 15;

/// Delivers in the background until it is stopped. Dropped, it ends in the middle; what it had not finished is delivered
/// by others, or after the next start.
pub struct Relay {
    shared: Arc<Shared>,
    stopping: Arc<Notify>,
    tasks: JoinSet<()>,
}

impl Relay {
    /// Begins to deliver; `None` where nothing is kept.
    ///
    /// # Errors
    /// When nobody has subscribed yet.
    pub(crate) fn start(shared: &Arc<Shared>) -> Result<Option<Self>> {
        let Some(kept) = &shared.kept else { return Ok(None) };
        let (lanes, ends) = Lanes::new(shared.audience()?.subscribers().into_iter());
        let (stopping, mut tasks) = (Arc::new(Notify::new()), JoinSet::new());
        for (subscriber, jobs) in ends {
            tasks.spawn(deliver_from(Arc::clone(shared), subscriber, jobs));
        }
        kept.set_lanes(lanes);
        tasks.spawn(poll(Arc::clone(shared), Arc::clone(&stopping)));
        Ok(Some(Self { shared: Arc::clone(shared), stopping, tasks }))
    }

    /// Takes nothing more, delivers what it has, and ends: within this time, or in the middle.
    pub async fn stop(mut self, within: Duration) {
        // What is recorded from now on waits in the database.
        if let Some(kept) = &self.shared.kept {
            kept.set_lanes(Lanes::default());
        }
        self.stopping.notify_one();
        let finished = timeout(within, async { while self.tasks.join_next().await.is_some() {} }).await;
        if finished.is_err() {
            tracing::warn!("events.left_to_others");
        }
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Relay")
    }
}

/// Delivers to one subscriber, one event at a time.
async fn deliver_from(shared: Arc<Shared>, subscriber: &'static str, mut jobs: Receiver<Job>) {
    let Some(kept) = &shared.kept else { return };
    while let Some(job) = jobs.recv().await {
        let mut delivered = Vec::new();
        delivered.extend(deliver(&shared, kept, &job).await);
        let gathered = sleep(GATHER);
        tokio::pin!(gathered);
        while delivered.len() < BATCH {
            tokio::select! {
                biased;
                () = &mut gathered => break,
                job = jobs.recv() => match job {
                    Some(job) => delivered.extend(deliver(&shared, kept, &job).await),
                    None => break,
                },
            }
        }
        if let Err(error) = note(kept, &delivered).await {
            tracing::warn!(subscriber, %error, "events.not_noted");
        }
    }
}

/// Notes deliveries as made. They are made once more when that fails.
async fn note(kept: &Kept, delivered: &[Uuid]) -> std::result::Result<(), palisade_database::Error> {
    let is_settled = match &kept.settle {
        Some(settle) if !delivered.is_empty() => settle().await,
        _ => true,
    };
    if is_settled { kept.outbox.delivered(delivered).await } else { Ok(()) }
}

/// Makes one delivery; its id if that succeeds.
async fn deliver(shared: &Shared, kept: &Kept, job: &Job) -> Option<Uuid> {
    let name = &*job.recorded.name;
    let count = |outcome| shared.metrics.deliveries.with([job.subscriber, outcome]).increment();
    let timed_out = after(shared.now(), kept.settings.delivery_timeout());
    if job.leased_until.is_some_and(|end| end < timed_out) {
        count("late");
        return None;
    }
    let Err(error) = handled(shared, kept, job).await else {
        count("delivered");
        return Some(job.id);
    };
    let due_at = kept.settings.wait_after(job.attempt).map(|wait| after(shared.now(), wait));
    let (subscriber, attempt) = (job.subscriber, job.attempt);
    let causes = error.causes().collect::<Vec<_>>().join(": ");
    if due_at.is_some() {
        count("failed");
        tracing::warn!(subscriber, event = name, attempt, %error, causes, "events.delivery_failed");
    } else {
        count("given_up");
        tracing::error!(subscriber, event = name, attempt, %error, causes, "events.given_up");
    }
    // It is repeated at the end of the lease when this is not noted.
    if let Err(error) = kept.outbox.failed(job, due_at, &error.to_string()).await {
        tracing::warn!(subscriber, %error, "events.not_noted");
    }
    None
}

/// Has the subscriber hear of it, for the request that caused it, within the time that it has.
async fn handled(shared: &Shared, kept: &Kept, job: &Job) -> Result<()> {
    let handling = AssertUnwindSafe(shared.audience()?.deliver(job)).catch_unwind();
    let handling = timeout(kept.settings.delivery_timeout(), handling);
    let ended = match &job.recorded.request {
        Some(request) => Correlated::new(handling, request.clone(), None).await,
        None => handling.await,
    };
    match ended {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_panic)) => Err(Error::internal("the subscriber panicked")),
        Err(_elapsed) => Err(Error::internal("the subscriber took too long")),
    }
}

/// Asks for what is due until it is told to stop.
async fn poll(shared: Arc<Shared>, stopping: Arc<Notify>) {
    let Some(kept) = &shared.kept else { return };
    let mut is_failing = false;
    let mut round = 0_u32;
    loop {
        let outcome = poll_once(&shared, kept, round.is_multiple_of(MEASURED_EVERY)).await;
        if let Err(error) = &outcome
            && !is_failing
        {
            tracing::warn!(%error, "events.not_polled");
        }
        is_failing = outcome.is_err();
        round = round.wrapping_add(1);
        tokio::select! {
            () = sleep(kept.settings.poll_interval()) => {}
            () = stopping.notified() => return,
        }
    }
}

async fn poll_once(
    shared: &Shared,
    kept: &Kept,
    is_measured: bool,
) -> std::result::Result<(), palisade_database::Error> {
    if is_measured {
        measure(shared, kept).await?;
    }
    let Ok(audience) = shared.audience() else { return Ok(()) };
    let due = due(shared, kept);
    for subscriber in kept.outbox.due_subscribers(&audience.subscribers(), due).await? {
        let places = kept.lanes().reserve_up_to(subscriber, BATCH);
        if places.is_empty() {
            continue;
        }
        let lease_end = kept.lease_end(shared.now());
        let jobs = kept.outbox.claim(subscriber, due, lease_end, places.len()).await?;
        for (place, job) in places.into_iter().zip(jobs) {
            place.send(job);
        }
    }
    Ok(())
}

async fn measure(shared: &Shared, kept: &Kept) -> std::result::Result<(), palisade_database::Error> {
    let counts = kept.outbox.counts().await?;
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    shared.metrics.pending.with([]).set_count(count(counts.pending));
    shared.metrics.given_up.with([]).set_count(count(counts.given_up));
    let age = counts.oldest.and_then(|oldest| shared.now().signed_duration_since(oldest).to_std().ok());
    shared.metrics.oldest.with([]).set(age.unwrap_or_default().as_secs_f64());
    Ok(())
}

/// Claims and delivers everything that is due, here and now; returns how many deliveries were made.
pub(crate) async fn deliver_due(shared: &Shared) -> Result<usize> {
    let Some(kept) = &shared.kept else { return Ok(0) };
    let subscribers = shared.audience()?.subscribers();
    let mut made = 0;
    loop {
        let due = due(shared, kept);
        let waiting = kept.outbox.due_subscribers(&subscribers, due).await?;
        if waiting.is_empty() {
            return Ok(made);
        }
        for subscriber in waiting {
            let jobs = kept.outbox.claim(subscriber, due, kept.lease_end(shared.now()), BATCH).await?;
            let mut delivered = Vec::new();
            for job in &jobs {
                delivered.extend(deliver(shared, kept, job).await);
            }
            note(kept, &delivered).await?;
            made += delivered.len();
        }
    }
}

fn due(shared: &Shared, kept: &Kept) -> Due {
    Due { now: shared.now(), horizon: kept.settings.horizon() }
}
