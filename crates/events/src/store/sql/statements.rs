//! The statements about deliveries.

use std::time::Duration;

use chrono::{DateTime, Utc};
use palisade_core::clock::after;
use sea_query::{
    Cond, DeleteStatement, Expr, ExprTrait, InsertStatement, LockBehavior, LockType, Order, Query,
    SelectStatement, UpdateStatement,
};
use uuid::Uuid;

use crate::{delivery::Job, event::Recorded};

/// Why a delivery was given up whose attempts never came to an end.
pub(crate) const UNENDED: &str = "the process ended in the last attempt";
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
/// How much is kept of why a delivery failed, in characters.
const PROBLEM_LENGTH: usize = 500;

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

pub(super) fn due_subscribers(subscribers: &[&'static str], due: Due) -> SelectStatement {
    Query::select()
        .distinct()
        .column("subscriber")
        .from(TABLE)
        .cond_where(due.condition())
        .and_where(Expr::col("subscriber").is_in(subscribers.iter().copied()))
        .to_owned()
}

pub(super) fn delete(ids: &[Uuid]) -> DeleteStatement {
    Query::delete().from_table(TABLE).and_where(Expr::col("id").is_in(rounded(ids))).to_owned()
}

/// Unless somebody else has claimed it since.
pub(super) fn release(job: &Job, now: DateTime<Utc>) -> UpdateStatement {
    Query::update()
        .table(TABLE)
        .value("due_at", now)
        .value("attempts", i64::from(job.attempt.saturating_sub(1)))
        .and_where(Expr::col("id").eq(job.id))
        .and_where(Expr::col("attempts").eq(i64::from(job.attempt)))
        .and_where(Expr::col("due_at").eq(job.leased_until))
        .to_owned()
}

pub(super) fn failed(job: &Job, due_at: Option<DateTime<Utc>>, problem: &str) -> UpdateStatement {
    let problem: String = problem.chars().filter(|c| *c != '\0').take(PROBLEM_LENGTH).collect();
    Query::update()
        .table(TABLE)
        .value("attempts", i64::from(job.attempt))
        .value("due_at", due_at)
        .value("problem", problem)
        .and_where(Expr::col("id").eq(job.id))
        .to_owned()
}

pub(super) fn count() -> SelectStatement {
    Query::select()
        .expr_as(Expr::col("id").count(), "everything")
        .expr_as(Expr::col("due_at").count(), "pending")
        .from(TABLE)
        .to_owned()
}

pub(super) fn oldest() -> SelectStatement {
    Query::select()
        .column("recorded_at")
        .from(TABLE)
        .and_where(Expr::col("due_at").is_not_null())
        .order_by("id", Order::Asc)
        .limit(1)
        .to_owned()
}

pub(super) fn list() -> SelectStatement {
    Query::select()
        .columns(COLUMNS)
        .column("problem")
        .from(TABLE)
        .order_by_expr(Expr::col("due_at").is_null(), Order::Desc)
        .order_by("id", Order::Asc)
        .limit(LIST_LIMIT)
        .to_owned()
}

pub(super) fn retry(id: Option<Uuid>, now: DateTime<Utc>) -> UpdateStatement {
    Query::update().table(TABLE).value("due_at", now).value("attempts", 0).cond_where(chosen(id)).to_owned()
}

pub(super) fn discard(id: Option<Uuid>) -> DeleteStatement {
    Query::delete().from_table(TABLE).cond_where(chosen(id)).to_owned()
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

pub(super) fn take(jobs: &[Job], lease_end: DateTime<Utc>) -> UpdateStatement {
    Query::update()
        .table(TABLE)
        .value("due_at", lease_end)
        .value("attempts", Expr::col("attempts").add(1))
        .value("problem", None::<String>)
        .and_where(are(jobs))
        .to_owned()
}

pub(super) fn give_up(jobs: &[Job]) -> UpdateStatement {
    Query::update()
        .table(TABLE)
        .value("due_at", None::<DateTime<Utc>>)
        .value("problem", UNENDED)
        .and_where(are(jobs))
        .to_owned()
}

pub(super) fn insert(jobs: &[Job], now: DateTime<Utc>) -> InsertStatement {
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
pub(super) fn claimable(subscriber: &'static str, due: Due, most: usize) -> SelectStatement {
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
