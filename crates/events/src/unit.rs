//! Writes of several stores, and the events that they are, together or not at all.

#[cfg(feature = "sql")]
use std::sync::{PoisonError, RwLock};
use std::{
    any::Any,
    fmt,
    sync::{Arc, OnceLock},
};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
#[cfg(feature = "sql")]
use palisade_core::clock::after;
use palisade_core::{Clock, Error, Ids, Result};
#[cfg(feature = "sql")]
use palisade_database::{Database, Transaction};

use crate::{
    delivery::Job,
    event::{Event, Recorded, written},
    metrics::Metrics,
};
#[cfg(feature = "sql")]
use crate::{
    lanes::{Lanes, Place},
    settings::Settings,
    store::Outbox,
};

/// What all units of work of a program share.
pub(crate) struct Shared {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Ids,
    pub(crate) metrics: Metrics,
    /// Who hears of events.
    pub(crate) audience: OnceLock<Arc<dyn Audience>>,
    /// Where deliveries are kept until they are made.
    #[cfg(feature = "sql")]
    pub(crate) kept: Option<Kept>,
}

/// Deliveries that survive this process.
#[cfg(feature = "sql")]
pub(crate) struct Kept {
    pub(crate) outbox: Outbox,
    pub(crate) settings: Settings,
    pub(crate) settle: Option<Settle>,
    /// What this process delivers itself, while it does.
    pub(crate) lanes: RwLock<Arc<Lanes>>,
}

/// Brings to its place what subscribers leave in memory, such as lines of the log; whether it is there.
#[cfg(feature = "sql")]
pub type Settle = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// Those who hear of events.
pub(crate) trait Audience: Send + Sync {
    /// Whether anybody hears of events of this name.
    fn hears(&self, name: &str) -> bool;

    /// Has those hear of it who do so in the transaction.
    fn tell_within<'a>(&'a self, event: &'a Recorded, unit: &'a mut UnitOfWork) -> BoxFuture<'a, Result<()>>;

    /// Those who hear of it after the commit.
    fn after_commit(&self, name: &str) -> Vec<&'static str>;

    /// Everybody who hears of anything after the commit.
    #[cfg(feature = "sql")]
    fn subscribers(&self) -> Vec<&'static str>;

    /// Has one subscriber hear of an event.
    fn deliver<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Result<()>>;
}

impl Shared {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Counts how a delivery has ended.
    pub(crate) fn count(&self, job: &Job, outcome: &'static str) {
        self.metrics.deliveries.with([job.subscriber, outcome]).increment();
    }

    /// Tells that a delivery has failed and is tried again.
    #[cfg(feature = "sql")]
    pub(crate) fn failed(&self, job: &Job, error: &Error) {
        let Job { subscriber, attempt, recorded, .. } = job;
        tracing::warn!(subscriber, event = &*recorded.name, attempt, %error, causes = causes(error), "events.delivery_failed");
        self.count(job, "failed");
    }

    /// Tells that a delivery is tried no more.
    pub(crate) fn given_up(&self, job: &Job, error: &Error) {
        let Job { subscriber, attempt, recorded, .. } = job;
        tracing::error!(subscriber, event = &*recorded.name, attempt, %error, causes = causes(error), "events.given_up");
        self.count(job, "given_up");
    }

    /// Whether events are persisted until they are delivered.
    #[cfg_attr(not(feature = "sql"), expect(clippy::unused_self, reason = "nothing is persisted"))]
    const fn keeps_events(&self) -> bool {
        #[cfg(feature = "sql")]
        return self.kept.is_some();
        #[cfg(not(feature = "sql"))]
        return false;
    }

    pub(crate) fn audience(&self) -> Result<&Arc<dyn Audience>> {
        self.audience
            .get()
            .ok_or_else(|| Error::internal("events are recorded before anybody could subscribe"))
    }
}

fn causes(error: &Error) -> String {
    error.causes().collect::<Vec<_>>().join(": ")
}

#[cfg(feature = "sql")]
impl Kept {
    /// When a lease that begins at `now` ends.
    pub(crate) fn lease_end(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        after(now, self.settings.lease())
    }

    pub(crate) fn lanes(&self) -> Arc<Lanes> {
        Arc::clone(&self.lanes.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_lanes(&self, lanes: Lanes) {
        *self.lanes.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(lanes);
    }
}

/// A table in memory, with what a unit has written to it.
pub(crate) trait Draft: Any + Send + Sync {
    /// Makes it what everybody sees.
    fn publish(self: Box<Self>);
    fn as_any(&mut self) -> &mut dyn Any;
}

type Work = Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send + Sync>;

/// Writes of several stores that happen together or not at all, with the events that are recorded of them.
///
/// A service opens one by [`Units::run`](crate::Units::run), gives it to each store that it writes with, and commits it.
/// Dropped without [`commit`](Self::commit), nothing of it has happened. A transaction of the database is opened when the
/// first store asks for it. After an error there is nothing to do but to drop it.
#[must_use = "nothing is written until it is committed"]
pub struct UnitOfWork {
    shared: Arc<Shared>,
    #[cfg(feature = "sql")]
    transaction: Option<(Database, Transaction)>,
    pub(crate) drafts: Vec<Box<dyn Draft>>,
    jobs: Vec<Job>,
    /// How many events.
    recorded: i64,
    after: Vec<Work>,
}

impl UnitOfWork {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
            #[cfg(feature = "sql")]
            transaction: None,
            drafts: Vec::new(),
            jobs: Vec::new(),
            recorded: 0,
            after: Vec::new(),
        }
    }

    /// This unit's transaction of `database`.
    ///
    /// # Errors
    /// 503 when it cannot be opened. 500 when the unit writes to another database already: no transaction spans two.
    #[cfg(feature = "sql")]
    pub async fn sql(&mut self, database: &Database) -> Result<&mut Transaction> {
        let opened = match self.transaction.take() {
            Some((present, transaction)) if present.is(database) => (present, transaction),
            Some(_) => return Err(Error::internal("a unit of work writes to two databases")),
            None => (database.clone(), database.begin().await?),
        };
        Ok(&mut self.transaction.insert(opened).1)
    }

    /// Records that something has happened. Those who hear of it in the transaction do so now; the others after the commit.
    /// It costs next to nothing where nobody hears of it.
    ///
    /// # Errors
    /// What a subscriber in the transaction fails with. 500 when the event cannot be written or is larger than
    /// [`MAX_EVENT_BYTES`](crate::MAX_EVENT_BYTES).
    pub async fn record<E: Event>(&mut self, event: &E) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        if shared.audience.get().is_none() && !shared.keeps_events() {
            return Ok(());
        }
        let audience = shared.audience()?;
        if !audience.hears(E::NAME) {
            return Ok(());
        }
        let recorded = Recorded {
            id: shared.ids.uuid(),
            name: E::NAME.into(),
            payload: written(event)?,
            // Those of one unit keep their order in the database.
            recorded_at: shared.now() + TimeDelta::microseconds(self.recorded),
            request: palisade_telemetry::correlation::present(),
        };
        self.recorded += 1;
        audience.tell_within(&recorded, self).await?;
        for subscriber in audience.after_commit(E::NAME) {
            self.jobs.push(Job {
                #[cfg(feature = "sql")]
                id: shared.ids.uuid(),
                subscriber,
                recorded: recorded.clone(),
                attempt: 1,
                is_first_hand: true,
                #[cfg(feature = "sql")]
                leased_until: None,
            });
        }
        Ok(())
    }

    /// Has `work` done once this unit is committed, before [`commit`](Self::commit) returns. It is lost when the process
    /// ends in between: what must happen is a subscriber's.
    pub fn after_commit<F>(&mut self, work: impl FnOnce() -> F + Send + Sync + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.after.push(Box::new(move || Box::pin(work())));
    }

    /// Makes everything durable, and then has the events delivered.
    ///
    /// # Errors
    /// When the database refuses: nothing has happened. 503 when its answer was lost: whether anything has happened is not
    /// known.
    pub async fn commit(mut self) -> Result<()> {
        let jobs = std::mem::take(&mut self.jobs);
        #[cfg(feature = "sql")]
        let (placed, jobs) = self.keep(jobs).await?;
        for draft in self.drafts.drain(..) {
            draft.publish();
        }
        for work in self.after.drain(..) {
            work().await;
        }
        #[cfg(feature = "sql")]
        for (place, job) in placed {
            place.send(job);
        }
        for job in &jobs {
            self.deliver_now(job).await;
        }
        Ok(())
    }

    /// Commits the transaction, with the deliveries where they survive this process, if there is such a place. Returns those
    /// that it makes itself, and those that are kept nowhere.
    #[cfg(feature = "sql")]
    async fn keep(&mut self, mut jobs: Vec<Job>) -> Result<(Vec<(Place, Job)>, Vec<Job>)> {
        let shared = Arc::clone(&self.shared);
        let Some(kept) = shared.kept.as_ref().filter(|_| !jobs.is_empty()) else {
            if let Some((_, transaction)) = self.transaction.take() {
                transaction.commit().await?;
            }
            return Ok((Vec::new(), jobs));
        };
        let (lanes, now) = (kept.lanes(), shared.now());
        let lease_end = kept.lease_end(now);
        let places: Vec<_> = jobs.iter().map(|job| lanes.reserve(job.subscriber)).collect();
        for (job, place) in jobs.iter_mut().zip(&places) {
            job.leased_until = place.as_ref().map(|_| lease_end);
        }
        self.sql(kept.outbox.database()).await?;
        if let Some((_, transaction)) = self.transaction.take() {
            kept.outbox.insert_and_commit(transaction, &jobs, now).await?;
        }
        let placed = places.into_iter().zip(jobs);
        Ok((placed.filter_map(|(place, job)| Some((place?, job))).collect(), Vec::new()))
    }

    /// Delivers what is kept nowhere, once.
    async fn deliver_now(&self, job: &Job) {
        let delivered = match self.shared.audience() {
            Ok(audience) => audience.deliver(job).await,
            Err(error) => Err(error),
        };
        match delivered {
            Ok(()) => self.shared.count(job, "delivered"),
            Err(error) => self.shared.given_up(job, &error),
        }
    }
}

impl fmt::Debug for UnitOfWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnitOfWork").field("deliveries", &self.jobs.len()).finish_non_exhaustive()
    }
}
