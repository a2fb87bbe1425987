//! Answers in SQLite, PostgreSQL or MySQL.

mod headers;
mod statements;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use palisade_core::{Result, UserId};
use palisade_database::{Database, Error, Migrations, Row};

use super::{Claim, Claimed, IdempotencyStore, Owner, PURGE_LIMIT, Record};
use crate::{Fingerprint, Rights, Slot, StoredResponse};

/// The table of this crate.
pub static MIGRATIONS: Migrations = palisade_database::migrations!("idempotency";
    20261121000300, "create_idempotency_records";
    20261130000300, "add_people_to_idempotency_records";
);

/// How often a claim looks again when the record it met has vanished, or lost a deadlock.
const ATTEMPTS: u32 = 5;

/// Keeps answers in the table `idempotency_records`, for every process on this database.
#[derive(Debug, Clone)]
pub struct SqlIdempotencyStore {
    database: Database,
}

impl SqlIdempotencyStore {
    /// A store in a database to which [`MIGRATIONS`] have been applied.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The primary key decides who gets a free slot, and the condition of the update who gets one whose time is over.
    /// A new key, which is what nearly all are, costs one statement. `None` when the record vanished meanwhile.
    async fn try_claim(&self, claim: &Claim) -> Result<Option<Claimed>, Error> {
        match self.database.execute(&statements::insert(claim)).await {
            Ok(_) => return Ok(Some(Claimed::Ours)),
            Err(Error::UniqueViolation { .. }) => {}
            Err(error) => return Err(error),
        }
        let Some(row) = self.database.fetch_optional(&statements::find(claim.slot)).await? else {
            return Ok(None);
        };
        if row.get::<DateTime<Utc>>("expires_at")? > claim.now {
            return Ok(Some(Claimed::Taken(read_record(&row)?)));
        }
        let taken_over = self.database.execute(&statements::take_over(claim)).await? > 0;
        Ok(taken_over.then_some(Claimed::Ours))
    }

    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64, Error> {
        let rows = self.database.fetch_all(&statements::expired(now, PURGE_LIMIT)).await?;
        let slots: Vec<Vec<u8>> = rows.iter().map(|row| row.get("slot")).collect::<Result<_, _>>()?;
        match slots.is_empty() {
            true => Ok(0),
            false => self.database.execute(&statements::delete_expired(slots, now)).await,
        }
    }
}

#[async_trait]
impl IdempotencyStore for SqlIdempotencyStore {
    async fn claim(&self, claim: &Claim) -> Result<Claimed> {
        let mut lost = Error::Contention { code: "claim".into() };
        for _ in 0..ATTEMPTS {
            match self.try_claim(claim).await {
                Ok(Some(claimed)) => return Ok(claimed),
                Ok(None) => {}
                Err(error @ Error::Contention { .. }) => lost = error,
                Err(error) => return Err(error.into()),
            }
        }
        Err(lost.into())
    }

    async fn complete(
        &self,
        slot: Slot,
        owner: Owner,
        answer: &StoredResponse,
        expires_at: DateTime<Utc>,
    ) -> Result<bool> {
        Ok(self.database.execute(&statements::complete(slot, owner, answer, expires_at)).await? > 0)
    }

    async fn release(&self, slot: Slot, owner: Owner) -> Result<bool> {
        Ok(self.database.execute(&statements::release(slot, owner)).await? > 0)
    }

    async fn forget(&self, user: UserId) -> Result<()> {
        // Two statements, each of which finds its rows by an index.
        for statement in statements::forget(user) {
            self.database.execute(&statement).await?;
        }
        Ok(())
    }

    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64> {
        Ok(self.purge_expired(now).await?)
    }
}

fn read_record(row: &Row) -> Result<Record, Error> {
    let fingerprint: Vec<u8> = row.get("fingerprint")?;
    let fingerprint =
        Fingerprint::from_bytes(&fingerprint).ok_or_else(|| unreadable("fingerprint", "has not 32 bytes"))?;
    let status: Option<i32> = row.get("status")?;
    let rights = Rights::from_text(&row.get::<String>("rights")?);
    Ok(Record { fingerprint, rights, answer: status.map(|status| read_answer(row, status)).transpose()? })
}

fn read_answer(row: &Row, status: i32) -> Result<StoredResponse, Error> {
    let headers: Vec<u8> = row.get("headers")?;
    let body: Vec<u8> = row.get("body")?;
    Ok(StoredResponse {
        status: status.try_into().map_err(|_| unreadable("status", "is no HTTP status"))?,
        headers: headers::read(&headers).ok_or_else(|| unreadable("headers", "holds no header lines"))?,
        body: Bytes::from(body),
        about: row.get::<Option<_>>("about_id")?.map(UserId::from_uuid),
    })
}

fn unreadable(column: &str, problem: &str) -> Error {
    Error::Decode { column: column.into(), problem: problem.into() }
}
