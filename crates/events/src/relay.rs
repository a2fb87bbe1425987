//! Delivers what is kept in the database: what this process has just recorded, what others have left, and what is to be
//! repeated.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use palisade_core::{Error, Result, clock::after};
use palisade_telemetry::correlation::Correlated;
use tokio::{
    sync::{
        Notify,
        mpsc::{self, Sender},
    },
    task::JoinSet,
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::{
    delivery::Job,
    lanes::{Lanes, Queue},
    notes,
    store::{Claimed, Due, Room, UNENDED},
    unit::{Kept, Shared},
};

/// How many deliveries are claimed at once for one subscriber.
const BATCH: usize = 128;
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
        let (made, noted) = mpsc::channel(notes::BATCH);
        for jobs in ends {
            tasks.spawn(deliver_from(Arc::clone(shared), jobs, made.clone()));
        }
        tasks.spawn(notes::take(Arc::clone(shared), noted));
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
async fn deliver_from(shared: Arc<Shared>, mut jobs: Queue, made: Sender<Uuid>) {
    let Some(kept) = &shared.kept else { return };
    while let Some(placed) = jobs.recv().await {
        if let Some(id) = deliver(&shared, kept, &placed.job).await
            && made.send(id).await.is_err()
        {
            return;
        }
    }
}

/// Makes one delivery; its id if that succeeds.
async fn deliver(shared: &Shared, kept: &Kept, job: &Job) -> Option<Uuid> {
    let now = shared.now();
    let timed_out = after(now, kept.settings.delivery_timeout());
    // It is repeated at the end of the lease when what follows is not noted.
    let noted = if job.leased_until.is_some_and(|end| end < timed_out) {
        shared.count(job, "late");
        kept.outbox.release(job, now).await
    } else {
        let Err(error) = handled(shared, kept, job).await else {
            shared.count(job, "delivered");
            return Some(job.id);
        };
        let due_at = kept.settings.wait_after(job.attempt).map(|wait| after(shared.now(), wait));
        if due_at.is_some() {
            shared.failed(job, &error)
        } else {
            shared.given_up(job, &error)
        }
        kept.outbox.failed(job, due_at, &error.to_string()).await
    };
    if let Err(error) = noted {
        tracing::warn!(subscriber = job.subscriber, %error, "events.not_noted");
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
    for subscriber in kept.outbox.due_subscribers(&audience.subscribers(), due(shared, kept)).await? {
        let lanes = kept.lanes();
        let is_idle = lanes.is_idle(subscriber);
        let places = lanes.reserve_up_to(subscriber, BATCH);
        if places.is_empty() {
            continue;
        }
        let jobs = claim(shared, kept, subscriber, Room { most: places.len(), is_idle }).await?;
        for (place, job) in places.into_iter().zip(jobs) {
            place.send(job);
        }
    }
    Ok(())
}

/// Takes deliveries that are due, and tells of those that are given up.
async fn claim(
    shared: &Shared,
    kept: &Kept,
    subscriber: &'static str,
    room: Room,
) -> std::result::Result<Vec<Job>, palisade_database::Error> {
    let lease_end = kept.lease_end(shared.now());
    let Claimed { jobs, spent } = kept.outbox.claim(subscriber, due(shared, kept), lease_end, room).await?;
    for job in &spent {
        shared.given_up(job, &Error::internal(UNENDED));
    }
    Ok(jobs)
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
        let waiting = kept.outbox.due_subscribers(&subscribers, due(shared, kept)).await?;
        if waiting.is_empty() {
            return Ok(made);
        }
        for subscriber in waiting {
            let jobs = claim(shared, kept, subscriber, Room { most: BATCH, is_idle: true }).await?;
            let mut delivered = Vec::new();
            for job in &jobs {
                delivered.extend(deliver(shared, kept, job).await);
            }
            notes::write(kept, &delivered).await?;
            made += delivered.len();
        }
    }
}

fn due(shared: &Shared, kept: &Kept) -> Due {
    let settings = &kept.settings;
    Due { now: shared.now(), max_attempts: settings.max_attempts, horizon: settings.horizon() }
}
