//! The right to answer a request, and the duty to say what became of it.

use std::{fmt, sync::Arc};

use super::{Inner, after};
use crate::{Owner, Slot, StoredResponse};

/// The first request with a key holds this while it is carried out.
///
/// Dropped without a word, because the client went away or the time ran out, it frees the key: whether the request
/// had its effect is then not known, as without a key, and whoever sends it again has it carried out again.
#[must_use = "dropped, it frees the key"]
pub struct Ticket {
    inner: Arc<Inner>,
    slot: Slot,
    owner: Owner,
    settled: bool,
}

impl Ticket {
    pub(super) fn new(inner: Arc<Inner>, slot: Slot, owner: Owner) -> Self {
        Self { inner, slot, owner, settled: false }
    }

    /// Keeps the answer, to be given again. A store that fails is logged: the request has been carried out and is
    /// answered all the same.
    pub async fn keep(mut self, answer: &StoredResponse) {
        // The request has had its effect. From here on the key must not be freed, even if nobody waits any more.
        self.settled = true;
        let parts = &self.inner.parts;
        let expires_at = after(parts.clock.now(), parts.ttl);
        match parts.store.complete(self.slot, self.owner, answer, expires_at).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(error = "the key is not this request's any more", "idempotency.not_kept")
            }
            Err(error) => tracing::warn!(%error, "idempotency.not_kept"),
        }
    }

    /// Frees the key: the answer is not one to be given again.
    pub async fn free(mut self) {
        if let Err(error) = self.inner.parts.store.release(self.slot, self.owner).await {
            tracing::warn!(%error, "idempotency.not_released");
        }
        self.settled = true;
    }

    /// There was nothing to claim.
    pub(super) fn discard(mut self) {
        self.settled = true;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.settled {
            self.inner.abandoned.put(self.slot, self.owner);
        }
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket")
    }
}
