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

/// What this crate wants to know of a user who may no longer sign in.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserDisabled {
    user_id: UserId,
}

/// What this crate wants to know of a user that is gone.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserDeleted {
    user_id: UserId,
}

impl Event for UserDisabled {
    const NAME: &'static str = "user.disabled";
}

impl Event for UserDeleted {
    const NAME: &'static str = "user.deleted";
}

/// Adds what this crate hears: the log tells an auditor of changed passwords, and whoever signs in while being disabled or
/// deleted is signed out. A server that takes `domain()` has them already.
#[must_use]
pub fn subscribe(subscriptions: Subscriptions, auth: &Auth) -> Subscriptions {
    subscriptions
        .after_commit("auth.password_changed", password_changed)
        .after_commit("auth.user_disabled", user_disabled(auth.clone()))
        .after_commit("auth.user_deleted", user_deleted(auth.clone()))
}

pub(crate) async fn password_changed(told: Delivery<PasswordChanged>) -> Result<()> {
    audit::password_changed(told.event.user_id, told.event_id);
    Ok(())
}

/// Ends the sessions of those who signed in while they were being disabled.
pub(crate) fn user_disabled(auth: Auth) -> impl AfterCommit<UserDisabled> {
    ends_sessions(auth, |disabled: &UserDisabled| disabled.user_id)
}

/// Ends the sessions of those who signed in while they were being deleted.
pub(crate) fn user_deleted(auth: Auth) -> impl AfterCommit<UserDeleted> {
    ends_sessions(auth, |deleted: &UserDeleted| deleted.user_id)
}

fn ends_sessions<E: Event>(auth: Auth, user_of: fn(&E) -> UserId) -> impl AfterCommit<E> {
    move |told: Delivery<E>| {
        let (auth, user_id) = (auth.clone(), user_of(&told.event));
        async move { auth.logout_all(user_id).await }
    }
}
