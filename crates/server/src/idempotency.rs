//! Requests that are sent again, with the place where answers are kept.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use palisade_core::UserId;
use palisade_events::{AfterCommit, Delivery, Event, InTransaction, UnitOfWork};
use palisade_http::idempotency::IdempotencyKeys;
use palisade_idempotency::{
    Backend, FingerprintKey, Idempotency, IdempotencyParts, IdempotencyStore, MemoryIdempotencyStore,
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
    Ok(Some(Idempotency::new(IdempotencyParts {
        store,
        clock: Arc::clone(foundation.clock()),
        random: Arc::clone(foundation.random()),
        fingerprints: FingerprintKey::derive(foundation.root_secret()),
        ttl: settings.idempotency.ttl(),
        lease: Duration::from_secs(settings.server.request_timeout_seconds) + BEYOND_THE_TIMEOUT,
        telemetry: Arc::clone(foundation.telemetry()),
    })))
}

/// What is wanted to be known of a user that is gone.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserDeleted {
    user_id: UserId,
}

impl Event for UserDeleted {
    const NAME: &'static str = "user.deleted";
}

/// Removes what a deleted user was answered, before whoever deleted it is answered.
pub(crate) struct ForgetsAtOnce(Option<Idempotency>);

#[async_trait]
impl InTransaction<UserDeleted> for ForgetsAtOnce {
    async fn handle(&self, event: &UserDeleted, unit: &mut UnitOfWork) -> palisade_core::Result<()> {
        let (answers, user_id) = (self.0.clone(), event.user_id);
        unit.after_commit(move || async move {
            // The delivery after the commit is repeated until it succeeds.
            if let Err(error) = forget(answers, user_id).await {
                tracing::warn!(%user_id, %error, "idempotency.not_forgotten");
            }
        });
        Ok(())
    }
}

pub(crate) async fn forgets_at_once(
    _: Arc<Foundation>,
    answers: Option<Idempotency>,
) -> Result<ForgetsAtOnce, Failure> {
    Ok(ForgetsAtOnce(answers))
}

/// Removes what deleted users were answered.
pub(crate) async fn forgets(
    _: Arc<Foundation>,
    answers: Option<Idempotency>,
) -> Result<impl AfterCommit<UserDeleted>, Failure> {
    Ok(move |told: Delivery<UserDeleted>| forget(answers.clone(), told.event.user_id))
}

async fn forget(answers: Option<Idempotency>, user_id: UserId) -> palisade_core::Result<()> {
    match answers {
        Some(answers) => answers.forget_user(user_id).await,
        None => Ok(()),
    }
}

/// The layer.
pub(crate) fn layer(settings: &Settings, idempotency: Idempotency) -> IdempotencyKeys {
    let bytes = usize::try_from(settings.idempotency.max_response_bytes).unwrap_or(usize::MAX);
    IdempotencyKeys::new(idempotency).keep_up_to(bytes)
}
