//! What an auditor reads of users in the log. It is told after the commit, at least once; one event has one `event_id`.
//!
//! The fields have the names that they have in the events of `palisade-auth`.

use palisade_core::Role;
use palisade_events::Delivery;

use crate::{Origin, UserCreated, UserDeleted, UserUpdated};

pub(crate) fn created(Delivery { event, event_id, .. }: &Delivery<UserCreated>) {
    let UserCreated { user_id, origin, by } = event;
    match origin {
        Origin::SignUp => tracing::info!(%event_id, %user_id, "users.registered"),
        Origin::FirstAdmin => tracing::info!(%event_id, %user_id, "users.first_admin"),
        Origin::Added | Origin::Operator => tracing::info!(%event_id, %user_id, by, "users.created"),
    }
}

/// Tells which fields have changed. Of roles it tells what they were and are; what else was written is personal.
pub(crate) fn updated(Delivery { event, event_id, .. }: &Delivery<UserUpdated>) {
    let UserUpdated { user_id, by, fields, roles, .. } = event;
    let names = |roles: &[Role]| roles.iter().map(Role::as_str).collect::<Vec<_>>().join(",");
    tracing::info!(
        %event_id,
        %user_id,
        by,
        fields = fields.join(","),
        old_roles = roles.as_ref().map(|roles| names(&roles.before)),
        new_roles = roles.as_ref().map(|roles| names(&roles.after)),
        "users.changed"
    );
}

pub(crate) fn deleted(Delivery { event, event_id, .. }: &Delivery<UserDeleted>) {
    let UserDeleted { user_id, by } = event;
    tracing::info!(%event_id, %user_id, by, "users.deleted");
}
