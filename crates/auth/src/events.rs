//! The events of this crate, and the subscribers that end sessions and write the audit log.

use palisade_core::{Result, SessionId, UserId};
use palisade_events::{AfterCommit, Delivery, Event, Subscriptions};
use serde::{Deserialize, Serialize};

use crate::{Auth, audit};

/// A user has changed the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    /// The user.
    pub user_id: UserId,
    /// The session in which it was changed. It stays open; all others of the user end.
    pub session_id: Option<SessionId>,
}

impl Event for PasswordChanged {
    const NAME: &'static str = "user.password_changed";
}

/// The part of the event `user.disabled` that this crate reads.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserDisabled {
    user_id: UserId,
}

/// The part of the event `user.deleted` that this crate reads.
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

pub(crate) const PASSWORD_CHANGED: &str = "auth.password_changed";
pub(crate) const END_OTHER_SESSIONS: &str = "auth.end_other_sessions";
pub(crate) const USER_DISABLED: &str = "auth.user_disabled";
pub(crate) const USER_DELETED: &str = "auth.user_deleted";

/// Adds the subscribers of this crate. They write changed passwords to the audit log. They also end the sessions of users
/// who signed in while they were being disabled or deleted, or with the old password while it was being changed. A server
/// that takes `domain()` has them already.
#[must_use]
pub fn subscribe(subscriptions: Subscriptions, auth: &Auth) -> Subscriptions {
    subscriptions
        .after_commit(PASSWORD_CHANGED, password_changed)
        .after_commit(END_OTHER_SESSIONS, end_other_sessions(auth.clone()))
        .after_commit(USER_DISABLED, user_disabled(auth.clone()))
        .after_commit(USER_DELETED, user_deleted(auth.clone()))
}

pub(crate) async fn password_changed(told: Delivery<PasswordChanged>) -> Result<()> {
    audit::password_changed(told.event.user_id, told.event_id);
    Ok(())
}

pub(crate) fn end_other_sessions(auth: Auth) -> impl AfterCommit<PasswordChanged> {
    end_sessions(auth, |changed: &PasswordChanged| (changed.user_id, changed.session_id))
}

pub(crate) fn user_disabled(auth: Auth) -> impl AfterCommit<UserDisabled> {
    end_sessions(auth, |disabled: &UserDisabled| (disabled.user_id, None))
}

pub(crate) fn user_deleted(auth: Auth) -> impl AfterCommit<UserDeleted> {
    end_sessions(auth, |deleted: &UserDeleted| (deleted.user_id, None))
}

/// Ends the sessions of a user except one. A sign-in checks the user again after it has opened its session. So a session
/// that the transaction of the event missed was opened before its commit, and is found after it.
fn end_sessions<E: Event>(auth: Auth, of: fn(&E) -> (UserId, Option<SessionId>)) -> impl AfterCommit<E> {
    move |told: Delivery<E>| {
        let (auth, (user_id, except)) = (auth.clone(), of(&told.event));
        async move { auth.end_sessions(user_id, except).await }
    }
}
