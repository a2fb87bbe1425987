//! What happens to credentials, for those who hear of it, and what this crate hears of users.

use palisade_core::{Result, UserId};
use palisade_events::{Delivery, Event};
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

pub(crate) async fn password_changed(told: Delivery<PasswordChanged>) -> Result<()> {
    audit::password_changed(told.event.user_id, told.event_id);
    Ok(())
}

/// Ends the sessions of those who signed in while they were being disabled.
pub(crate) async fn user_updated(auth: Auth, told: Delivery<UserUpdated>) -> Result<()> {
    match told.event.status {
        Some(status) if status.after == "disabled" => auth.logout_all(told.event.user_id).await,
        _ => Ok(()),
    }
}

/// Ends the sessions of those who signed in while they were being deleted.
pub(crate) async fn user_deleted(auth: Auth, told: Delivery<UserDeleted>) -> Result<()> {
    auth.logout_all(told.event.user_id).await
}
