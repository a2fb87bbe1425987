//! The layer for requests that are sent again, with the place where answers are kept.

use std::{sync::Arc, time::Duration};

use palisade_http::idempotency::IdempotencyKeys;
use palisade_idempotency::{
    Backend, FingerprintKey, Idempotency, IdempotencyStore, MemoryIdempotencyStore, Parts,
    SqlIdempotencyStore,
};

use crate::foundation::Foundation;

/// How much longer a key is taken than a request may be carried out: what keeping the answer takes at most.
const BEYOND_THE_TIMEOUT: Duration = Duration::from_secs(30);

/// What carries out a request with a key once, where the settings want it.
#[must_use]
pub fn service(foundation: &Foundation) -> Option<Idempotency> {
    let Foundation { settings, clock, random, database, signing_secret, .. } = foundation;
    let wanted = &settings.idempotency;
    if !wanted.enabled {
        return None;
    }
    let store: Arc<dyn IdempotencyStore> = match wanted.backend {
        Backend::Database => Arc::new(SqlIdempotencyStore::new(database.clone())),
        Backend::Memory => {
            let bytes = usize::try_from(wanted.max_memory_bytes).unwrap_or(usize::MAX);
            Arc::new(MemoryIdempotencyStore::new(bytes))
        }
    };
    let idempotency = Idempotency::new(Parts {
        store,
        clock: Arc::clone(clock),
        random: Arc::clone(random),
        fingerprints: FingerprintKey::derive(signing_secret),
        ttl: wanted.ttl(),
        lease: Duration::from_secs(settings.server.request_timeout_seconds) + BEYOND_THE_TIMEOUT,
    });
    idempotency.measure(&foundation.observability.telemetry);
    Some(idempotency)
}

/// The layer.
#[must_use]
pub fn keys(foundation: &Foundation, idempotency: Idempotency) -> IdempotencyKeys {
    let bytes = usize::try_from(foundation.settings.idempotency.max_response_bytes).unwrap_or(usize::MAX);
    IdempotencyKeys::new(idempotency).keep_up_to(bytes)
}
