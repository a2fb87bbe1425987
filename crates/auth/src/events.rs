//! What happens to credentials, for those who hear of it, and what this crate hears of users.

use palisade_core::{Result, UserId};
use palisade_events::{AfterCommit, Delivery, Event, Subscriptions};
use serde::{Deserialize, Serialize};

use crate::{Auth, audit};

/// A user has changed the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    /// Whose.
    pub user_id: UserId,
}

impl Event for PasswordChanged {
    const NAME: &'static str = "user.password_changed";
}

/// What this crate wants to know of a user that has changed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserUpdated {
    user_id: UserId,
    status: Option<StatusChange>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StatusChange {
    after: String,
}

/// What this crate wants to know of a user that is gone.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserDeleted {
    user_id: UserId,
}

impl Event for UserUpdated {
    const NAME: &'static str = "user.updated";
}

impl Event for UserDeleted {
    const NAME: &'static str = "user.deleted";
}

/// Adds what this crate hears: the log tells an auditor of changed passwords, and whoever signs in while being disabled or
/// deleted is signed out. A server that takes `domain()` has them already.
#[must_use]
pub fn subscribe(subscriptions: Subscriptions, auth: &Auth) -> Subscriptions {
    subscriptions
        .after_commit("auth.audit_password", password_changed)
        .after_commit("auth.user_updated", user_updated(auth.clone()))
        .after_commit("auth.user_deleted", user_deleted(auth.clone()))
}

pub(crate) async fn password_changed(told: Delivery<PasswordChanged>) -> Result<()> {
    audit::password_changed(told.event.user_id, told.event_id);
    Ok(())
}

/// Ends the sessions of those who signed in while they were being disabled.
pub(crate) fn user_updated(auth: Auth) -> impl AfterCommit<UserUpdated> {
    move |told: Delivery<UserUpdated>| {
        let auth = auth.clone();
        async move {
            match told.event.status {
                Some(status) if status.after == "disabled" => auth.logout_all(told.event.user_id).await,
                _ => Ok(()),
            }
        }
    }
}

/// Ends the sessions of those who signed in while they were being deleted.
pub(crate) fn user_deleted(auth: Auth) -> impl AfterCommit<UserDeleted> {
    move |told: Delivery<UserDeleted>| {
        let auth = auth.clone();
        async move { auth.logout_all(told.event.user_id).await }
    }
}
