//! The SQL of the store, one function per statement.

use chrono::{DateTime, Utc};
use palisade_core::UserId;
use sea_query::{DeleteStatement, Expr, ExprTrait, InsertStatement, Query, SelectStatement, UpdateStatement};

use super::headers;
use crate::{Claim, Owner, Slot, StoredResponse};

const RECORDS: &str = "idempotency_records";

pub(super) fn insert(claim: &Claim) -> InsertStatement {
    let values: [Expr; 6] = [
        claim.slot.as_bytes().to_vec().into(),
        claim.fingerprint.as_bytes().to_vec().into(),
        claim.owner.as_bytes().to_vec().into(),
        claim.until.into(),
        claim.user.map(|user| user.uuid()).into(),
        claim.rights.to_text().into(),
    ];
    let columns = ["slot", "fingerprint", "owner", "expires_at", "user_id", "rights"];
    Query::insert().into_table(RECORDS).columns(columns).values_panic(values).to_owned()
}

pub(super) fn find(slot: Slot) -> SelectStatement {
    Query::select()
        .columns(["fingerprint", "expires_at", "status", "headers", "body", "rights", "about_id"])
        .from(RECORDS)
        .and_where(is(slot))
        .to_owned()
}

/// Takes a slot whose record's time is over.
pub(super) fn take_over(claim: &Claim) -> UpdateStatement {
    let values: [(&str, Expr); 9] = [
        ("fingerprint", claim.fingerprint.as_bytes().to_vec().into()),
        ("owner", claim.owner.as_bytes().to_vec().into()),
        ("expires_at", claim.until.into()),
        ("status", None::<i16>.into()),
        ("headers", None::<Vec<u8>>.into()),
        ("body", None::<Vec<u8>>.into()),
        ("user_id", claim.user.map(|user| user.uuid()).into()),
        ("rights", claim.rights.to_text().into()),
        ("about_id", None::<UserId>.map(|user| user.uuid()).into()),
    ];
    Query::update()
        .table(RECORDS)
        .values(values)
        .and_where(is(claim.slot))
        .and_where(Expr::col("expires_at").lte(claim.now))
        .to_owned()
}

pub(super) fn complete(
    slot: Slot,
    owner: Owner,
    answer: &StoredResponse,
    expires_at: DateTime<Utc>,
) -> UpdateStatement {
    let status = i16::try_from(answer.status).unwrap_or(i16::MAX);
    let values: [(&str, Expr); 5] = [
        ("status", status.into()),
        ("headers", headers::write(&answer.headers).into()),
        ("body", answer.body.to_vec().into()),
        ("expires_at", expires_at.into()),
        ("about_id", answer.about.map(|user| user.uuid()).into()),
    ];
    Query::update().table(RECORDS).values(values).and_where(is(slot)).and_where(unanswered(owner)).to_owned()
}

pub(super) fn release(slot: Slot, owner: Owner) -> DeleteStatement {
    Query::delete().from_table(RECORDS).and_where(is(slot)).and_where(unanswered(owner)).to_owned()
}

/// Removes what a user was answered, and what shows the user's data.
pub(super) fn forget(user: UserId) -> [DeleteStatement; 2] {
    ["user_id", "about_id"].map(|column| {
        Query::delete().from_table(RECORDS).and_where(Expr::col(column).eq(user.uuid())).to_owned()
    })
}

pub(super) fn expired(now: DateTime<Utc>, limit: usize) -> SelectStatement {
    Query::select()
        .column("slot")
        .from(RECORDS)
        .and_where(Expr::col("expires_at").lte(now))
        .limit(limit as u64)
        .to_owned()
}

/// Removes those of the slots' records whose time is still over.
pub(super) fn delete_expired(slots: Vec<Vec<u8>>, now: DateTime<Utc>) -> DeleteStatement {
    Query::delete()
        .from_table(RECORDS)
        .and_where(Expr::col("slot").is_in(slots))
        .and_where(Expr::col("expires_at").lte(now))
        .to_owned()
}

fn is(slot: Slot) -> Expr {
    Expr::col("slot").eq(slot.as_bytes().to_vec())
}

fn unanswered(owner: Owner) -> Expr {
    Expr::col("owner").eq(owner.as_bytes().to_vec()).and(Expr::col("status").is_null())
}
