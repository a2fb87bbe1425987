//! Requests that are sent again, with the place where answers are kept.

use std::{sync::Arc, time::Duration};

use palisade_core::UserId;
use palisade_events::{AfterCommit, Delivery, Event};
use palisade_http::idempotency::IdempotencyKeys;
use palisade_idempotency::{
    Backend, FingerprintKey, Idempotency, IdempotencyStore, MemoryIdempotencyStore, Parts,
    SqlIdempotencyStore,
};
use serde::{Deserialize, Serialize};

use crate::{failure::Failure, foundation::Foundation, settings::Settings};

/// How much longer a key is taken than a request may be carried out: what keeping the answer takes at most.
const BEYOND_THE_TIMEOUT: Duration = Duration::from_secs(30);

/// Where answers are kept.
pub(crate) async fn store(foundation: Arc<Foundation>) -> Result<Arc<dyn IdempotencyStore>, Failure> {
    let settings = &foundation.settings().idempotency;
    Ok(match settings.backend {
        Backend::Database => Arc::new(SqlIdempotencyStore::new(foundation.database().clone())),
        Backend::Memory => {
            let bytes = usize::try_from(settings.max_memory_bytes).unwrap_or(usize::MAX);
            Arc::new(MemoryIdempotencyStore::new(bytes))
        }
    })
}

/// What carries out a request with a key once; `None` where the settings have turned that off.
pub(crate) async fn service(
    foundation: Arc<Foundation>,
    store: Arc<dyn IdempotencyStore>,
) -> Result<Option<Idempotency>, Failure> {
    let settings = foundation.settings();
    if !settings.idempotency.enabled {
        return Ok(None);
    }
    let idempotency = Idempotency::new(Parts {
        store,
        clock: Arc::clone(foundation.clock()),
        random: Arc::clone(foundation.random()),
        fingerprints: FingerprintKey::derive(foundation.root_secret()),
        ttl: settings.idempotency.ttl(),
        lease: Duration::from_secs(settings.server.request_timeout_seconds) + BEYOND_THE_TIMEOUT,
    });
    idempotency.measure(foundation.telemetry());
    Ok(Some(idempotency))
}

/// What is wanted to be known of a user that is gone.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserDeleted {
    user_id: UserId,
}

impl Event for UserDeleted {
    const NAME: &'static str = "user.deleted";
}

/// Removes what deleted users were answered.
pub(crate) async fn forgetful(
    _: Arc<Foundation>,
    answers: Option<Idempotency>,
) -> Result<impl AfterCommit<UserDeleted>, Failure> {
    Ok(move |told: Delivery<UserDeleted>| {
        let answers = answers.clone();
        async move {
            match answers {
                Some(answers) => answers.forget_user(told.event.user_id).await,
                None => Ok(()),
            }
        }
    })
}

/// The layer.
pub(crate) fn layer(settings: &Settings, idempotency: Idempotency) -> IdempotencyKeys {
    let bytes = usize::try_from(settings.idempotency.max_response_bytes).unwrap_or(usize::MAX);
    IdempotencyKeys::new(idempotency).keep_up_to(bytes)
}
