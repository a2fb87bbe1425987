//! The rules: who goes ahead, who gets the first answer, who is refused.

mod abandoned;
mod ticket;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use palisade_core::{Clock, Principal, Random, UserId, clock::after};
use palisade_telemetry::metrics::Telemetry;

use crate::{
    Caller, Claim, Claimed, Error, FingerprintKey, IdempotencyKey, IdempotencyStore, Owner, Record, Result,
    Rights, Slot, StoredResponse, metrics::Metrics,
};
use abandoned::Abandoned;
pub use ticket::Ticket;

/// After how many new keys the expired ones are removed: fewer than one purge removes, so that purging keeps up
/// without a task of its own.
const PURGE_EVERY: u32 = 64;

/// Sees to it that a request that comes again under its key is carried out once. Clones share everything.
#[derive(Clone)]
pub struct Idempotency(Arc<Inner>);

/// What an [`Idempotency`] is made of.
pub struct IdempotencyParts {
    /// Where answers are kept.
    pub store: Arc<dyn IdempotencyStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The key of the fingerprints: the same in all processes that share the store.
    pub fingerprints: FingerprintKey,
    /// How long an answer is given again.
    pub ttl: Duration,
    /// How long a request may be in progress. It must be longer than a request can take: whoever comes after it
    /// starts anew.
    pub lease: Duration,
    /// What measures the requests with a key.
    pub telemetry: Arc<dyn Telemetry>,
}

struct Inner {
    parts: IdempotencyParts,
    abandoned: Abandoned,
    begun: AtomicU32,
    metrics: Metrics,
}

/// A request with a key.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Who sends it.
    pub caller: Caller,
    /// The same, with rights, where it is a user.
    pub principal: Option<&'a Principal>,
    /// The method.
    pub method: &'a str,
    /// The path, as the router sees it.
    pub path: &'a str,
    /// Its key.
    pub key: &'a IdempotencyKey,
    /// Everything else that makes it this request and no other.
    pub content: &'a [&'a [u8]],
}

/// What a request with a key is due.
#[derive(Debug)]
pub enum Begun {
    /// To be carried out: it is the first with its key.
    First(Ticket),
    /// The answer that the first one got.
    Again(StoredResponse),
}

impl Idempotency {
    /// Puts it together.
    #[must_use]
    pub fn new(parts: IdempotencyParts) -> Self {
        let metrics = Metrics::new(&parts.telemetry);
        Self(Arc::new(Inner { parts, abandoned: Abandoned::default(), begun: AtomicU32::new(0), metrics }))
    }

    /// Lets the first request with its key go ahead.
    ///
    /// # Errors
    /// `KeyReused` when the key belongs to another request, `InProgress` while the first is not answered, and whatever
    /// the store fails with: a request that asks for this guarantee is not carried out without it.
    pub async fn begin(&self, request: &Request<'_>) -> Result<Begun> {
        let result = self.try_begin(request).await;
        self.0.metrics.requests.with([outcome(&result)]).increment();
        result
    }

    /// Removes what a deleted user was answered, and what shows the user's data.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_user(&self, id: UserId) -> palisade_core::Result<()> {
        self.0.parts.store.forget(id).await
    }

    async fn try_begin(&self, request: &Request<'_>) -> Result<Begun> {
        let inner = &self.0;
        inner.give_back_abandoned().await;
        let Request { caller, principal, method, path, key, content } = request;
        let slot = Slot::new(caller, method, path, key);
        let fingerprint = inner.parts.fingerprints.fingerprint(content);
        let owner = Owner::generate(inner.parts.random.as_ref());
        let now = inner.parts.clock.now();
        let user = principal.and_then(|principal| principal.user_id().ok());
        let rights = principal.map(Rights::of).unwrap_or_default();
        let until = after(now, inner.parts.lease);
        let claim = Claim { slot, fingerprint, owner, user, rights, now, until };
        // Made before the claim, so that the slot is freed too when the client goes away while it is being claimed.
        let ticket = Ticket::new(Arc::clone(inner), slot, owner);
        let taken = match inner.parts.store.claim(&claim).await? {
            Claimed::Ours => {
                inner.purge_now_and_then(now).await;
                return Ok(Begun::First(ticket));
            }
            Claimed::Taken(record) => record,
        };
        ticket.discard();
        match taken {
            Record { fingerprint: other, .. } if other.is_of_another_request(&fingerprint) => {
                Err(Error::KeyReused)
            }
            Record { rights, answer: Some(_), .. } if !rights.are_had_by(*principal) => {
                Err(Error::RightsLost)
            }
            Record { answer: Some(answer), .. } => Ok(Begun::Again(answer)),
            Record { answer: None, .. } => Err(Error::InProgress),
        }
    }
}

impl Inner {
    async fn give_back_abandoned(&self) {
        for (slot, owner) in self.abandoned.take_some() {
            // Should it fail, the end of the lease frees the slot.
            if let Err(error) = self.parts.store.release(slot, owner).await {
                tracing::warn!(%error, "idempotency.not_released");
            }
        }
    }

    async fn purge_now_and_then(&self, now: DateTime<Utc>) {
        if !self.begun.fetch_add(1, Ordering::Relaxed).is_multiple_of(PURGE_EVERY) {
            return;
        }
        if let Err(error) = self.parts.store.purge_expired(now).await {
            tracing::warn!(%error, "idempotency.not_purged");
        }
    }
}

/// How it is counted.
const fn outcome(result: &Result<Begun>) -> &'static str {
    match result {
        Ok(Begun::First(_)) => "first",
        Ok(Begun::Again(_)) => "replayed",
        Err(Error::InProgress) => "in_progress",
        Err(Error::KeyReused) => "conflict",
        Err(_) => "error",
    }
}

impl fmt::Debug for Idempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Idempotency")
    }
}
