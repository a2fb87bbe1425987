//! What this crate hears of its own events: it tells the log, and the cache where whoever wrote could not.

use palisade_core::{Result, UserId};
use palisade_events::{AfterCommit, Delivery, Subscriptions};

use crate::{UserCache, UserCreated, UserDeleted, UserUpdated, audit};

/// Adds what this crate hears of its own events: the log tells them to the auditor, and `cache` forgets who was changed by
/// somebody who could not say so. A server that takes `domain()` has them already.
#[must_use]
pub fn subscribe(subscriptions: Subscriptions, cache: &UserCache) -> Subscriptions {
    subscriptions
        .after_commit("users.created", created)
        .after_commit("users.updated", updated(cache.clone()))
        .after_commit("users.deleted", deleted(cache.clone()))
}

pub(crate) async fn created(told: Delivery<UserCreated>) -> Result<()> {
    audit::created(&told);
    Ok(())
}

pub(crate) fn updated(cache: UserCache) -> impl AfterCommit<UserUpdated> {
    move |told: Delivery<UserUpdated>| {
        audit::updated(&told);
        forget(cache.clone(), told.event.user_id, told.is_first_hand)
    }
}

pub(crate) fn deleted(cache: UserCache) -> impl AfterCommit<UserDeleted> {
    move |told: Delivery<UserDeleted>| {
        audit::deleted(&told);
        forget(cache.clone(), told.event.user_id, told.is_first_hand)
    }
}

/// Whoever wrote in this process has told the cache already.
async fn forget(cache: UserCache, id: UserId, is_first_hand: bool) -> Result<()> {
    if is_first_hand { Ok(()) } else { cache.forget(id).await }
}
