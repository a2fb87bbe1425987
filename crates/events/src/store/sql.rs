//! Deliveries in SQLite, PostgreSQL or MySQL, from the commit of what has happened until they are made.

use std::time::Duration;

use chrono::{DateTime, Utc};
use palisade_core::{Parse as _, RequestContext, RequestId, TraceContext, clock::after};
use palisade_database::{Database, Error, Migrations, Row, Transaction};
use sea_query::{
    Cond, DeleteStatement, Expr, ExprTrait, InsertStatement, LockBehavior, LockType, Order, Query,
    SelectStatement, UpdateStatement,
};
use uuid::Uuid;

use crate::{delivery::Job, event::Recorded};

/// The table of this crate.
pub static MIGRATIONS: Migrations =
    palisade_database::migrations!("events"; 20261201000400, "create_event_deliveries");

const TABLE: &str = "event_deliveries";
const COLUMNS: [&str; 10] = [
    "id",
    "event_id",
    "event",
    "subscriber",
    "payload",
    "recorded_at",
    "request_id",
    "traceparent",
    "attempts",
    "due_at",
];
/// How many deliveries an operator is shown.
const LIST_LIMIT: u64 = 100;
/// Why a delivery was given up whose attempts never came to an end.
pub(crate) const UNENDED: &str = "the process ended in the last attempt";
/// How much is kept of why a delivery failed, in characters.
const PROBLEM_LENGTH: usize = 500;

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
        transaction.execute_and_commit(&insert(jobs, now)).await?;
        Ok(())
    }

    /// Which of these subscribers have deliveries that are due.
    pub(crate) async fn due_subscribers(
        &self,
        subscribers: &[&'static str],
        due: Due,
    ) -> Result<Vec<&'static str>, Error> {
        let select = Query::select()
            .distinct()
            .column("subscriber")
            .from(TABLE)
            .cond_where(due.condition())
            .and_where(Expr::col("subscriber").is_in(subscribers.iter().copied()))
            .to_owned();
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
        let rows = transaction.fetch_all(&claimable(subscriber, due, room.most)).await?;
        let mut claimed = Claimed::default();
        for row in &rows {
            let (job, tried) = (read(row, subscriber, lease_end)?, attempts(row)?);
            let is_unended = tried >= SUSPICIOUS && row.get::<Option<String>>("problem")?.is_none();
            if tried >= due.max_attempts {
                claimed.spent.push(job);
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
            transaction.execute(&give_up(&claimed.spent)).await?;
        }
        if claimed.jobs.is_empty() {
            transaction.commit().await?;
        } else {
            transaction.execute_and_commit(&take(&claimed.jobs, lease_end)).await?;
        }
        Ok(claimed)
    }

    /// Puts back a delivery that was claimed and not tried.
    pub(crate) async fn release(&self, job: &Job, now: DateTime<Utc>) -> Result<(), Error> {
        let update = Query::update()
            .table(TABLE)
            .value("due_at", now)
            .value("attempts", i64::from(job.attempt.saturating_sub(1)))
            .and_where(Expr::col("id").eq(job.id))
            .and_where(Expr::col("attempts").eq(i64::from(job.attempt)))
            .and_where(Expr::col("due_at").eq(job.leased_until))
            .to_owned();
        self.database.execute(&update).await?;
        Ok(())
    }

    /// Forgets deliveries that were made.
    pub(crate) async fn delivered(&self, ids: &[Uuid]) -> Result<(), Error> {
        if !ids.is_empty() {
            let delete: DeleteStatement =
                Query::delete().from_table(TABLE).and_where(Expr::col("id").is_in(rounded(ids))).to_owned();
            self.database.execute(&delete).await?;
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
        let problem: String = problem.chars().filter(|c| *c != '\0').take(PROBLEM_LENGTH).collect();
        let update: UpdateStatement = Query::update()
            .table(TABLE)
            .value("attempts", i64::from(job.attempt))
            .value("due_at", due_at)
            .value("problem", problem)
            .and_where(Expr::col("id").eq(job.id))
            .to_owned();
        self.database.execute(&update).await?;
        Ok(())
    }

    /// How many deliveries there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counts(&self) -> Result<Counts, Error> {
        let select = Query::select()
            .expr_as(Expr::col("id").count(), "everything")
            .expr_as(Expr::col("due_at").count(), "pending")
            .from(TABLE)
            .to_owned();
        let Some(row) = self.database.fetch_optional(&select).await? else { return Ok(Counts::default()) };
        let count = |name| row.get::<i64>(name).map(|count| u64::try_from(count).unwrap_or_default());
        let (everything, pending) = (count("everything")?, count("pending")?);
        let oldest = Query::select()
            .column("recorded_at")
            .from(TABLE)
            .and_where(Expr::col("due_at").is_not_null())
            .order_by("id", Order::Asc)
            .limit(1)
            .to_owned();
        let oldest = self.database.fetch_optional(&oldest).await?;
        let oldest = oldest.map(|row| row.get("recorded_at")).transpose()?;
        Ok(Counts { pending, given_up: everything.saturating_sub(pending), oldest })
    }

    /// The deliveries that wait, those that were given up first, at most 100.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<Waiting>, Error> {
        let select = Query::select()
            .columns(COLUMNS)
            .column("problem")
            .from(TABLE)
            .order_by_expr(Expr::col("due_at").is_null(), Order::Desc)
            .order_by("id", Order::Asc)
            .limit(LIST_LIMIT)
            .to_owned();
        let rows = self.database.fetch_all(&select).await?;
        rows.iter().map(waiting).collect()
    }

    /// Has the delivery of that id tried at once, or anew all that were given up. Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retry(&self, id: Option<Uuid>, now: DateTime<Utc>) -> Result<u64, Error> {
        let update = Query::update()
            .table(TABLE)
            .value("due_at", now)
            .value("attempts", 0)
            .cond_where(chosen(id))
            .to_owned();
        self.database.execute(&update).await
    }

    /// Removes the delivery of that id, such as one whose subscriber is no more, or all that were given up. Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn discard(&self, id: Option<Uuid>) -> Result<u64, Error> {
        let delete = Query::delete().from_table(TABLE).cond_where(chosen(id)).to_owned();
        self.database.execute(&delete).await
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

/// When a delivery is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    pub(crate) now: DateTime<Utc>,
    pub(crate) max_attempts: u32,
    /// How far ahead a delivery can be due. What is beyond was written by a clock that has been set back since.
    pub(crate) horizon: Duration,
}

impl Due {
    fn condition(self) -> Cond {
        let beyond = after(self.now, self.horizon);
        Cond::any().add(Expr::col("due_at").lte(self.now)).add(Expr::col("due_at").gt(beyond))
    }
}

/// The delivery of that id, or all that were given up.
fn chosen(id: Option<Uuid>) -> Cond {
    let chosen = id.map_or_else(|| Expr::col("due_at").is_null(), |id| Expr::col("id").eq(id));
    Cond::all().add(chosen)
}

/// The ids, the last of them repeated up to a power of two: statements of few lengths stay prepared.
fn rounded(ids: &[Uuid]) -> impl Iterator<Item = Uuid> {
    let last = ids.last().copied().into_iter();
    ids.iter().copied().chain(last.cycle()).take(ids.len().next_power_of_two())
}

fn are(jobs: &[Job]) -> Expr {
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.id).collect();
    Expr::col("id").is_in(rounded(&ids))
}

fn take(jobs: &[Job], lease_end: DateTime<Utc>) -> UpdateStatement {
    Query::update()
        .table(TABLE)
        .value("due_at", lease_end)
        .value("attempts", Expr::col("attempts").add(1))
        .value("problem", None::<String>)
        .and_where(are(jobs))
        .to_owned()
}

fn give_up(jobs: &[Job]) -> UpdateStatement {
    Query::update()
        .table(TABLE)
        .value("due_at", None::<DateTime<Utc>>)
        .value("problem", UNENDED)
        .and_where(are(jobs))
        .to_owned()
}

fn insert(jobs: &[Job], now: DateTime<Utc>) -> InsertStatement {
    let mut insert = Query::insert();
    insert.into_table(TABLE).columns(COLUMNS);
    for Job { id, subscriber, recorded, attempt, leased_until, .. } in jobs {
        let Recorded { id: event_id, name, payload, recorded_at, request } = recorded;
        let attempts = leased_until.map_or(0, |_| *attempt);
        let values: [Expr; 10] = [
            (*id).into(),
            (*event_id).into(),
            (**name).into(),
            (*subscriber).into(),
            (**payload).into(),
            (*recorded_at).into(),
            request.as_ref().map(|request| request.request_id.as_str()).into(),
            request.as_ref().and_then(|request| Some(request.trace?.to_string())).into(),
            i64::from(attempts).into(),
            leased_until.unwrap_or(now).into(),
        ];
        insert.values_panic(values);
    }
    insert
}

/// What others claim at this moment is passed over.
fn claimable(subscriber: &'static str, due: Due, most: usize) -> SelectStatement {
    Query::select()
        .columns(COLUMNS)
        .column("problem")
        .from(TABLE)
        .cond_where(due.condition())
        .and_where(Expr::col("subscriber").eq(subscriber))
        .order_by("due_at", Order::Asc)
        .order_by("recorded_at", Order::Asc)
        .limit(most as u64)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned()
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
