//! Changing and removing users.

use palisade_core::{Principal, Role, UserId};

use super::{Users, permission};
use crate::{Error, Result, Status, Updated, User, UserChange, metrics::Action};

impl Users {
    /// Whether a caller may change anything of a user, for callers that would rather know before they read what was sent.
    ///
    /// # Errors
    /// 403.
    pub fn may_update(&self, caller: &Principal, id: UserId) -> Result<()> {
        permission::may_change_any_of(caller, id)
    }

    /// Changes a user of whom `expects` holds: the fields that the change names win over whatever they became meanwhile,
    /// and all others keep what they became. What the caller may do is read in the transaction of the write.
    ///
    /// Disabling ends every session of the user, and a change of roles counts, at once in this process and within a
    /// second in all others.
    ///
    /// # Errors
    /// `NotFound`, `EmailTaken`, `UsernameTaken`, `LastAdmin`; 409 `users.busy` when too many change the user at once;
    /// `Changed` when `expects` does not hold; 403 when the caller may not change this user or a field; 401 when the caller
    /// is no longer an active user.
    pub async fn update(
        &self,
        caller: &Principal,
        id: UserId,
        change: &UserChange,
        expects: impl Fn(&User) -> bool + Send + Sync,
    ) -> Result<User> {
        self.acting(Action::Update, async {
            permission::may_change(caller, id, change)?;
            let decide = |author: Option<&User>, before: &User| {
                let caller = self.present_caller(caller, author)?;
                permission::may_change(&caller, id, change)?;
                let after = self.changed(before, change);
                permission::may_touch(&caller, Some(before), Some(&after))?;
                if expects(before) { Ok(after) } else { Err(Error::Changed) }
            };
            let write = self.0.cache.change(id).await?;
            let verdict = self.0.store.update(permission::account_of(caller)?, id, &decide).await;
            write.settle(&verdict, verdict.as_ref().ok().map(|updated| &updated.after)).await;
            let Updated { before, after } = verdict?;
            if after != before {
                tell_changed(caller, &before, &after);
            }
            if (&after.roles, after.status) != (&before.roles, before.status) {
                self.0.auth.rights_changed();
            }
            // Also when nothing was different: who asks again after a lost answer must find the sessions ended.
            if after.status == Status::Disabled {
                self.0.auth.revoke_user(id).await?;
            }
            Ok(after)
        })
        .await
    }

    /// Removes a user of whom `expects` holds, ends every session, and has forgotten what [`Parts`](super::Parts) keep of the
    /// user. The route lets only those in who may write users.
    ///
    /// # Errors
    /// `NotFound`, `LastAdmin`; 409 `users.busy` when too many change the user at once; `Changed` when `expects` does not
    /// hold; 403 when the caller may not write users, or is no administrator and the user is one; 401 when the caller is no
    /// longer an active user.
    pub async fn delete(
        &self,
        caller: &Principal,
        id: UserId,
        expects: impl Fn(&User) -> bool + Send + Sync,
    ) -> Result<()> {
        self.acting(Action::Delete, async {
            let decide = |author: Option<&User>, user: &User| {
                let caller = self.present_caller(caller, author)?;
                permission::may_write(&caller)?;
                permission::may_touch(&caller, Some(user), None)?;
                if expects(user) { Ok(()) } else { Err(Error::Changed) }
            };
            let write = self.0.cache.change(id).await?;
            let verdict = self.0.store.delete(permission::account_of(caller)?, id, &decide).await;
            write.settle(&verdict, None).await;
            verdict?;
            tracing::info!(user_id = %id, by = %caller.subject, "users.deleted");
            self.forget(id).await;
            // Should this fail, the sessions are of nobody: sign-in looks up the user and finds none.
            Ok(self.0.auth.revoke_user(id).await?)
        })
        .await
    }

    /// The caller with the rights of the user as it is in the transaction of a write.
    pub(super) fn present_caller(&self, caller: &Principal, present: Option<&User>) -> Result<Principal> {
        match present.filter(|user| user.status == Status::Active) {
            Some(user) => Ok(self.0.auth.with_roles(caller, &user.roles)),
            None => Err(palisade_core::Error::from(palisade_auth::Error::InvalidToken).into()),
        }
    }

    /// The user after a change; the same version when nothing is different.
    fn changed(&self, before: &User, change: &UserChange) -> User {
        let mut after = before.clone();
        apply(change, &mut after);
        if after != *before {
            after.version = before.version.next();
            after.updated_at = self.0.clock.now().max(before.updated_at);
        }
        after
    }

    /// What fails here is kept no longer than it would be anyway.
    async fn forget(&self, id: UserId) {
        for keeper in &self.0.forget {
            if let Err(error) = keeper.forget_user(id).await {
                tracing::warn!(user_id = %id, %error, "users.not_forgotten");
            }
        }
    }
}

/// Tells which fields have changed. Of roles it tells what they were and are; what else was written is personal.
fn tell_changed(caller: &Principal, before: &User, after: &User) {
    let fields = [
        ("email", before.email != after.email),
        ("username", before.username != after.username),
        ("name", before.name != after.name),
        ("roles", before.roles != after.roles),
        ("status", before.status != after.status),
    ];
    let fields: Vec<&str> =
        fields.into_iter().filter_map(|(field, is_new)| is_new.then_some(field)).collect();
    let names = |user: &User| user.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(",");
    let roles = (before.roles != after.roles).then(|| (names(before), names(after)));
    tracing::info!(
        user_id = %after.id,
        by = %caller.subject,
        fields = fields.join(","),
        old_roles = roles.as_ref().map(|(old, _)| old.as_str()),
        new_roles = roles.as_ref().map(|(_, new)| new.as_str()),
        "users.changed"
    );
}

fn apply(change: &UserChange, user: &mut User) {
    let UserChange { email, username, name, roles, status } = change.clone();
    user.email = email.unwrap_or_else(|| user.email.clone());
    user.username = username.unwrap_or_else(|| user.username.clone());
    user.name = name.unwrap_or_else(|| user.name.clone());
    user.roles = roles.map_or_else(|| user.roles.clone(), |roles| roles.0);
    user.status = status.unwrap_or(user.status);
}
