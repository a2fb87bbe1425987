//! Answers in memory, for tests and for one process that may forget.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use palisade_core::{Error, Result, UserId};

use super::{Claim, Claimed, IdempotencyStore, Owner, PURGE_LIMIT, Record};
use crate::{Fingerprint, Rights, Slot, StoredResponse};

/// What a record takes besides its answer: its places in both collections, generously.
const RECORD_BYTES: usize = 256;

/// Keeps answers in this process until it ends, within a bound of memory. When it is full, the answers whose time is
/// over first go first; a request in progress never goes.
#[derive(Debug)]
pub struct MemoryIdempotencyStore {
    max_bytes: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    entries: HashMap<Slot, Entry>,
    /// By the end of their time.
    order: BTreeSet<(DateTime<Utc>, Slot)>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    fingerprint: Fingerprint,
    owner: Owner,
    user: Option<UserId>,
    rights: Rights,
    expires_at: DateTime<Utc>,
    answer: Option<StoredResponse>,
}

impl MemoryIdempotencyStore {
    /// A store that takes up to `max_bytes`.
    #[must_use]
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, table: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl IdempotencyStore for MemoryIdempotencyStore {
    async fn claim(&self, claim: &Claim) -> Result<Claimed> {
        let mut table = self.lock();
        if let Some(entry) = table.entries.get(&claim.slot).filter(|entry| entry.expires_at > claim.now) {
            let Entry { fingerprint, rights, answer, .. } = entry;
            let record = Record { fingerprint: *fingerprint, rights: rights.clone(), answer: answer.clone() };
            return Ok(Claimed::Taken(record));
        }
        table.remove(claim.slot);
        if !table.make_room(RECORD_BYTES, self.max_bytes) {
            return Err(Error::unavailable("Too many requests are in progress", Duration::from_secs(1)));
        }
        let Claim { slot, fingerprint, owner, user, rights, until, .. } = claim.clone();
        table.insert(slot, Entry { fingerprint, owner, user, rights, expires_at: until, answer: None });
        Ok(Claimed::Ours)
    }

    async fn complete(
        &self,
        slot: Slot,
        owner: Owner,
        answer: &StoredResponse,
        expires_at: DateTime<Utc>,
    ) -> Result<bool> {
        let mut table = self.lock();
        let Some(entry) = table.take_unanswered(slot, owner) else { return Ok(false) };
        let room = table.make_room(RECORD_BYTES + answer.size(), self.max_bytes);
        if room {
            table.insert(slot, Entry { expires_at, answer: Some(answer.clone()), ..entry });
        }
        Ok(room)
    }

    async fn release(&self, slot: Slot, owner: Owner) -> Result<bool> {
        Ok(self.lock().take_unanswered(slot, owner).is_some())
    }

    async fn forget(&self, user: UserId) -> Result<()> {
        let mut table = self.lock();
        let slots: Vec<Slot> =
            table.entries.iter().filter(|(_, entry)| entry.concerns(user)).map(|(slot, _)| *slot).collect();
        slots.into_iter().for_each(|slot| drop(table.remove(slot)));
        Ok(())
    }

    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64> {
        let mut table = self.lock();
        let expired = table.order.iter().take(PURGE_LIMIT).take_while(|(expires_at, _)| *expires_at <= now);
        let expired: Vec<Slot> = expired.map(|(_, slot)| *slot).collect();
        Ok(expired.into_iter().filter_map(|slot| table.remove(slot)).count() as u64)
    }
}

impl Table {
    fn insert(&mut self, slot: Slot, entry: Entry) {
        self.bytes += entry.bytes();
        self.order.insert((entry.expires_at, slot));
        self.entries.insert(slot, entry);
    }

    fn remove(&mut self, slot: Slot) -> Option<Entry> {
        let entry = self.entries.remove(&slot)?;
        self.order.remove(&(entry.expires_at, slot));
        self.bytes = self.bytes.saturating_sub(entry.bytes());
        Some(entry)
    }

    fn take_unanswered(&mut self, slot: Slot, owner: Owner) -> Option<Entry> {
        let entry = self.entries.get(&slot)?;
        if entry.owner != owner || entry.answer.is_some() {
            return None;
        }
        self.remove(slot)
    }

    /// Whether there is room for so many bytes, once the oldest answers have gone for them.
    fn make_room(&mut self, bytes: usize, max_bytes: usize) -> bool {
        while self.bytes.saturating_add(bytes) > max_bytes {
            let answered = |slot: &Slot| self.entries.get(slot).is_some_and(|entry| entry.answer.is_some());
            let Some((_, oldest)) = self.order.iter().find(|(_, slot)| answered(slot)).copied() else {
                return false;
            };
            self.remove(oldest);
        }
        true
    }
}

impl Entry {
    fn concerns(&self, user: UserId) -> bool {
        self.user == Some(user) || self.answer.as_ref().is_some_and(|answer| answer.about == Some(user))
    }

    fn bytes(&self) -> usize {
        RECORD_BYTES + self.answer.as_ref().map_or(0, StoredResponse::size)
    }
}
