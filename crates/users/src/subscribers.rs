//! What this crate hears of its own events.

use palisade_core::{Result, UserId};
use palisade_events::{AfterCommit, Delivery, Subscriptions};

use crate::{UserCache, UserDeleted, UserUpdated, audit};

/// Adds what this crate hears of its own events: the log tells them to the auditor, and `cache` forgets who was changed by
/// somebody who could not say so. A server that takes `domain()` has them already.
#[must_use]
pub fn subscribe(subscriptions: Subscriptions, cache: &UserCache) -> Subscriptions {
    subscriptions
        .after_commit("users.audit_created", audit::created)
        .after_commit("users.audit_updated", audit::updated)
        .after_commit("users.audit_deleted", audit::deleted)
        .after_commit("users.forget_updated", forget_updated(cache.clone()))
        .after_commit("users.forget_deleted", forget_deleted(cache.clone()))
}

pub(crate) fn forget_updated(cache: UserCache) -> impl AfterCommit<UserUpdated> {
    move |told: Delivery<UserUpdated>| forget(cache.clone(), told.event.user_id, told.is_first_hand)
}

pub(crate) fn forget_deleted(cache: UserCache) -> impl AfterCommit<UserDeleted> {
    move |told: Delivery<UserDeleted>| forget(cache.clone(), told.event.user_id, told.is_first_hand)
}

/// Whoever wrote in this process has told the cache already.
async fn forget(cache: UserCache, id: UserId, is_first_hand: bool) -> Result<()> {
    if is_first_hand { Ok(()) } else { cache.forget(id).await }
}
