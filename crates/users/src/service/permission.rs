//! Who may do what with users.

use palisade_core::{Error, Principal, Role, UserId};

use crate::{
    Result, User, UserChange,
    error::{FIELD_FORBIDDEN, NOT_YOURS},
};

/// The permission to see any user.
pub const READ: &str = "users:read";
/// The permission to add, change and remove any user.
pub const WRITE: &str = "users:write";

/// The account of a caller. Whom another identity provider names has none here, and may touch no user.
pub(super) fn account_of(caller: &Principal) -> Result<UserId> {
    caller.user_id().map_err(|_| not_yours())
}

/// Everyone may see themselves. The answer to anyone else is the same whether the user exists or not.
pub(super) fn may_read(caller: &Principal, id: UserId) -> Result<()> {
    if caller.is_user(id) || caller.may(READ) { Ok(()) } else { Err(not_yours()) }
}

/// Who may add and remove users.
pub(super) fn may_write(caller: &Principal) -> Result<()> {
    if caller.may(WRITE) { Ok(()) } else { Err(not_yours()) }
}

/// Everyone may change themselves, whatever it is that they may change.
pub(super) fn may_change_any_of(caller: &Principal, id: UserId) -> Result<()> {
    if caller.is_user(id) || caller.may(WRITE) { Ok(()) } else { Err(not_yours()) }
}

/// Everyone may change their own e-mail, username and name. Roles and status are not part of a profile: who
/// could set them would make themselves an administrator or undo being locked out.
pub(super) fn may_change(caller: &Principal, id: UserId, change: &UserChange) -> Result<()> {
    may_change_any_of(caller, id)?;
    if caller.may(WRITE) {
        return Ok(());
    }
    let forbidden = [("roles", change.roles.is_some()), ("status", change.status.is_some())];
    match forbidden.into_iter().find(|(_, is_set)| *is_set) {
        Some((field, _)) => Err(field_forbidden(field)),
        None => Ok(()),
    }
}

/// Someone with [`WRITE`] who is no administrator can neither make one nor touch one, or the permission would
/// be worth the whole role.
pub(super) fn may_touch(caller: &Principal, before: Option<&User>, after: Option<&User>) -> Result<()> {
    let is_admin = |user: Option<&User>| user.is_some_and(User::is_admin);
    let is_self = before.is_some_and(|user| caller.is_user(user.id));
    if caller.has_role(Role::admin().as_str()) || (is_self && is_admin(before) == is_admin(after)) {
        return Ok(());
    }
    match (is_admin(before), is_admin(after)) {
        (false, false) => Ok(()),
        (false, true) => Err(field_forbidden("roles")),
        (true, _) => Err(not_yours()),
    }
}

fn not_yours() -> crate::Error {
    let message = "Only the user and an administrator may do this";
    Error::forbidden(message).with_reason(NOT_YOURS).into()
}

fn field_forbidden(field: &str) -> crate::Error {
    let message = format!("Only an administrator may set the field `{field}`");
    Error::forbidden(message).with_reason(FIELD_FORBIDDEN).into()
}
