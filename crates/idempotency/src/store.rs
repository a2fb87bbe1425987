//! Where answers are kept.

mod memory;
#[cfg(feature = "sql")]
mod sql;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use palisade_core::{Random, Result, UserId};

pub use memory::MemoryIdempotencyStore;
#[cfg(feature = "sql")]
pub use sql::{MIGRATIONS, SqlIdempotencyStore};

use crate::{Fingerprint, Rights, Slot, StoredResponse};

/// Keeps one record for each slot. A record is made by whoever claims the slot, and has no answer until its owner
/// completes it; past its time it counts as absent. Each implementation passes the suite in `conformance` (feature
/// `testing`). Time is a parameter of each call; a store reads no clock.
#[async_trait]
pub trait IdempotencyStore: Send + Sync + 'static {
    /// Takes a free slot. Of any number who claim one at once, on any number of processes, one gets it.
    ///
    /// # Errors
    /// When the store fails.
    async fn claim(&self, claim: &Claim) -> Result<Claimed>;

    /// Keeps the answer until `expires_at`, if this owner still has the slot and it has no answer yet; says whether.
    ///
    /// # Errors
    /// When the store fails.
    async fn complete(
        &self,
        slot: Slot,
        owner: Owner,
        answer: &StoredResponse,
        expires_at: DateTime<Utc>,
    ) -> Result<bool>;

    /// Frees the slot, if this owner still has it and it has no answer yet; says whether.
    ///
    /// # Errors
    /// When the store fails.
    async fn release(&self, slot: Slot, owner: Owner) -> Result<bool>;

    /// Removes what a user was answered, and what shows the user's data.
    ///
    /// # Errors
    /// When the store fails.
    async fn forget(&self, user: UserId) -> Result<()>;

    /// Removes some records whose time is over, at most 256; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u64>;
}

/// How many records one purge removes at most.
pub(crate) const PURGE_LIMIT: usize = 256;

/// Who wants a slot.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Which.
    pub slot: Slot,
    /// For what request.
    pub fingerprint: Fingerprint,
    /// Who answers it.
    pub owner: Owner,
    /// The user who sends it, if it is one.
    pub user: Option<UserId>,
    /// What that user may do.
    pub rights: Rights,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// Until when the slot is the owner's: should its process die, the key must not be taken for ever.
    pub until: DateTime<Utc>,
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The slot was free and is the owner's now.
    Ours,
    /// Someone else's record is in it.
    Taken(Record),
}

/// What is in a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What request it is of.
    pub fingerprint: Fingerprint,
    /// What its user could do.
    pub rights: Rights,
    /// How it was answered; `None` while it is in progress.
    pub answer: Option<StoredResponse>,
}

/// The random name of one attempt to answer, so that one whose lease has ended cannot touch its successor's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner([u8; 16]);

impl Owner {
    /// A new name.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(random.bytes())
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}
