//! Subscribers of this crate's own events: they write the audit log and invalidate the cache.

use palisade_core::{Result, UserId};
use palisade_events::{AfterCommit, Delivery, Subscriptions};

use crate::{UserCache, UserCreated, UserDeleted, UserUpdated, audit};

pub(crate) const CREATED: &str = "users.created";
pub(crate) const UPDATED: &str = "users.updated";
pub(crate) const DELETED: &str = "users.deleted";

/// Adds the subscribers of this crate. They write the audit log, and invalidate users in `cache` that a process changed
/// without doing so itself, because it ended after the commit. A server that takes `domain()` has them already.
#[must_use]
pub fn subscribe(subscriptions: Subscriptions, cache: &UserCache) -> Subscriptions {
    subscriptions
        .after_commit(CREATED, created)
        .after_commit(UPDATED, updated(cache.clone()))
        .after_commit(DELETED, deleted(cache.clone()))
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

/// A process that has just written has invalidated the cache already.
async fn forget(cache: UserCache, id: UserId, is_first_hand: bool) -> Result<()> {
    if is_first_hand { Ok(()) } else { cache.forget(id).await }
}
