//! Deliveries in SQLite, PostgreSQL or MySQL, from the commit of what has happened until they are made.

mod statements;

use chrono::{DateTime, Utc};
use palisade_core::{Parse as _, RequestContext, RequestId, TraceContext};
use palisade_database::{Database, Error, Migrations, Row, Transaction};
use uuid::Uuid;

pub(crate) use self::statements::{Due, UNENDED};
use crate::{delivery::Job, event::Recorded};

/// The table of this crate.
pub static MIGRATIONS: Migrations =
    palisade_database::migrations!("events"; 20261201000400, "create_event_deliveries");

/// Where deliveries are kept until they are made: the table `event_deliveries`.
///
/// Several processes deliver from it at once. One that claims a delivery holds it for twice
/// [`delivery_timeout_ms`](crate::Settings::delivery_timeout_ms); their clocks should agree within that time.
#[derive(Debug, Clone)]
pub struct Outbox {
    database: Database,
}

/// A delivery that waits, as an operator sees it: without the event's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Names the delivery.
    pub id: Uuid,
    /// The event.
    pub event: String,
    /// Who hears of it.
    pub subscriber: String,
    /// When the event was recorded.
    pub recorded_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; `None` when it was given up.
    pub due_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    pub problem: Option<String>,
}

/// How many deliveries there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Those that wait to be made or repeated.
    pub pending: u64,
    /// Those that were given up.
    pub given_up: u64,
    /// When the event of the oldest that waits was recorded.
    pub oldest: Option<DateTime<Utc>>,
}

impl Outbox {
    /// Keeps deliveries in `database`, in which [`MIGRATIONS`] must have been applied.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    /// Keeps deliveries and commits the transaction. Those with a lease are their process's until it ends, the others
    /// anybody's.
    pub(crate) async fn insert_and_commit(
        &self,
        transaction: Transaction,
        jobs: &[Job],
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        transaction.execute_and_commit(&statements::insert(jobs, now)).await?;
        Ok(())
    }

    /// Which of these subscribers have deliveries that are due.
    pub(crate) async fn due_subscribers(
        &self,
        subscribers: &[&'static str],
        due: Due,
    ) -> Result<Vec<&'static str>, Error> {
        let select = statements::due_subscribers(subscribers, due);
        let mut found = Vec::new();
        for row in self.database.fetch_all(&select).await? {
            let name: String = row.get("subscriber")?;
            found.extend(subscribers.iter().find(|subscriber| **subscriber == name));
        }
        Ok(found)
    }

    /// Takes deliveries of a subscriber that are due, until the end of the lease. Those whose last attempt ended with its
    /// process are given up.
    pub(crate) async fn claim(
        &self,
        subscriber: &'static str,
        due: Due,
        lease_end: DateTime<Utc>,
        room: Room,
    ) -> Result<Claimed, Error> {
        let mut transaction = self.database.begin().await?;
        let rows = transaction.fetch_all(&statements::claimable(subscriber, due, room.most)).await?;
        let mut claimed = Claimed::default();
        for row in &rows {
            let (job, tried) = (read(row, subscriber, lease_end)?, attempts(row)?);
            let is_unended = tried >= SUSPICIOUS && row.get::<Option<String>>("problem")?.is_none();
            if tried >= due.max_attempts {
                claimed.spent.push(Job { attempt: tried, ..job });
            } else if !is_unended {
                claimed.jobs.push(job);
            } else {
                if room.is_idle && claimed.jobs.is_empty() {
                    claimed.jobs.push(job);
                }
                break;
            }
        }
        if !claimed.spent.is_empty() {
            transaction.execute(&statements::give_up(&claimed.spent)).await?;
        }
        if claimed.jobs.is_empty() {
            transaction.commit().await?;
        } else {
            transaction.execute_and_commit(&statements::take(&claimed.jobs, lease_end)).await?;
        }
        Ok(claimed)
    }

    /// Puts back a delivery that was claimed and not tried.
    pub(crate) async fn release(&self, job: &Job, now: DateTime<Utc>) -> Result<(), Error> {
        self.database.execute(&statements::release(job, now)).await?;
        Ok(())
    }

    /// Forgets deliveries that were made.
    pub(crate) async fn delivered(&self, ids: &[Uuid]) -> Result<(), Error> {
        if !ids.is_empty() {
            self.database.execute(&statements::delete(ids)).await?;
        }
        Ok(())
    }

    /// Notes that an attempt has failed. The next one is at `due_at`; there is none without it.
    pub(crate) async fn failed(
        &self,
        job: &Job,
        due_at: Option<DateTime<Utc>>,
        problem: &str,
    ) -> Result<(), Error> {
        self.database.execute(&statements::failed(job, due_at, problem)).await?;
        Ok(())
    }

    /// How many deliveries there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counts(&self) -> Result<Counts, Error> {
        let Some(row) = self.database.fetch_optional(&statements::count()).await? else {
            return Ok(Counts::default());
        };
        let count = |name| row.get::<i64>(name).map(|count| u64::try_from(count).unwrap_or_default());
        let (everything, pending) = (count("everything")?, count("pending")?);
        let oldest = self.database.fetch_optional(&statements::oldest()).await?;
        let oldest = oldest.map(|row| row.get("recorded_at")).transpose()?;
        Ok(Counts { pending, given_up: everything.saturating_sub(pending), oldest })
    }

    /// The deliveries that wait, those that were given up first, at most 100.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<Waiting>, Error> {
        let rows = self.database.fetch_all(&statements::list()).await?;
        rows.iter().map(waiting).collect()
    }

    /// Has the delivery of that id tried at once, or anew all that were given up. Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retry(&self, id: Option<Uuid>, now: DateTime<Utc>) -> Result<u64, Error> {
        self.database.execute(&statements::retry(id, now)).await
    }

    /// Removes the delivery of that id, such as one whose subscriber is no more, or all that were given up. Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discard(&self, id: Option<Uuid>) -> Result<u64, Error> {
        self.database.execute(&statements::discard(id)).await
    }
}

/// How many attempts may have ended with their process before a delivery is claimed alone, so that one that ends each
/// process takes no other's attempts.
const SUSPICIOUS: u32 = 3;

/// What the process can take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) most: usize,
    /// Whether it has nothing else for the subscriber.
    pub(crate) is_idle: bool,
}

/// What one claim has found.
#[derive(Debug, Default)]
pub(crate) struct Claimed {
    /// To be delivered.
    pub(crate) jobs: Vec<Job>,
    /// Given up, since their last attempt ended with its process.
    pub(crate) spent: Vec<Job>,
}

fn read(row: &Row, subscriber: &'static str, lease_end: DateTime<Utc>) -> Result<Job, Error> {
    Ok(Job {
        id: row.get("id")?,
        subscriber,
        recorded: Recorded {
            id: row.get("event_id")?,
            name: row.get::<String>("event")?.into(),
            payload: row.get::<String>("payload")?.into(),
            recorded_at: row.get("recorded_at")?,
            request: request(row.get("request_id")?, row.get("traceparent")?),
        },
        attempt: attempts(row)?.saturating_add(1),
        is_first_hand: false,
        leased_until: Some(lease_end),
    })
}

/// The request that an event was recorded for; what is no longer readable is left out.
fn request(id: Option<String>, traceparent: Option<String>) -> Option<RequestContext> {
    let request_id = RequestId::parse(&id?).ok()?;
    let trace = traceparent.and_then(|text| TraceContext::parse(&text).ok());
    Some(RequestContext { request_id, trace, trace_state: None })
}

fn waiting(row: &Row) -> Result<Waiting, Error> {
    Ok(Waiting {
        id: row.get("id")?,
        event: row.get("event")?,
        subscriber: row.get("subscriber")?,
        recorded_at: row.get("recorded_at")?,
        attempts: attempts(row)?,
        due_at: row.get("due_at")?,
        problem: row.get("problem")?,
    })
}

fn attempts(row: &Row) -> Result<u32, Error> {
    Ok(row.get::<i32>("attempts")?.try_into().unwrap_or_default())
}
