//! Changing and removing users.

use palisade_core::{Principal, Role, UserId};

use super::{Users, permission};
use crate::{Error, Result, Status, User, UserChange, metrics::Action};

/// How often a change is made anew on top of someone else's before it is given up. A change that loses this
/// often has met as many that won, so the user is still being served.
const ATTEMPTS: usize = 16;

impl Users {
    /// Whether a caller may change anything of a user, for callers that would rather know before they read what was sent.
    ///
    /// # Errors
    /// 403.
    pub fn may_update(&self, caller: &Principal, id: UserId) -> Result<()> {
        permission::may_change_any_of(caller, id)
    }

    /// Changes a user as long as `expects` holds of the user that is present: the fields that the change names win
    /// over whatever they became meanwhile, and all others keep what they became.
    ///
    /// Disabling ends every session of the user within a second, and so does a change of roles take effect.
    ///
    /// # Errors
    /// `NotFound`, `EmailTaken`, `UsernameTaken`, `LastAdmin`; `Changed` when `expects` does not hold; 403 when the
    /// caller may not change this user or a field.
    pub async fn update(
        &self,
        caller: &Principal,
        id: UserId,
        change: &UserChange,
        expects: impl Fn(&User) -> bool,
    ) -> Result<User> {
        self.acting(Action::Update, async {
            permission::may_change(caller, id, change)?;
            for _ in 0..ATTEMPTS {
                let before = self.present(id).await?;
                if !expects(&before) {
                    return Err(Error::Changed);
                }
                match self.try_update(caller, before, change).await {
                    Err(Error::Changed) => {}
                    result => return result,
                }
            }
            Err(Error::Changed)
        })
        .await
    }

    /// Removes a user of whom `expects` holds, and ends every session. The route lets only those in who may write
    /// users.
    ///
    /// # Errors
    /// `NotFound`, `LastAdmin`; `Changed` when `expects` does not hold; 403 when the user is an administrator and
    /// the caller is none.
    pub async fn delete(
        &self,
        caller: &Principal,
        id: UserId,
        expects: impl Fn(&User) -> bool,
    ) -> Result<()> {
        self.acting(Action::Delete, async {
            for _ in 0..ATTEMPTS {
                let user = self.present(id).await?;
                if !expects(&user) {
                    return Err(Error::Changed);
                }
                match self.try_delete(caller, &user).await {
                    Err(Error::Changed) => {}
                    result => return result,
                }
            }
            Err(Error::Changed)
        })
        .await
    }

    async fn try_update(&self, caller: &Principal, before: User, change: &UserChange) -> Result<User> {
        let id = before.id;
        let mut after = before.clone();
        apply(change, &mut after);
        permission::may_touch(caller, Some(&before), Some(&after))?;
        if after != before {
            after.version = before.version.next();
            after.updated_at = self.0.clock.now().max(before.updated_at);
            let write = self.0.cache.change(id).await?;
            let verdict = self.0.store.update(&before, &after).await;
            write.settle(&verdict, Some(&after)).await;
            verdict?;
            tell_changed(caller, &before, &after);
        }
        // Also when nothing was different: who asks again after a lost answer must find the sessions ended.
        if after.status == Status::Disabled {
            self.0.auth.revoke_user(id).await?;
        }
        Ok(after)
    }

    async fn try_delete(&self, caller: &Principal, user: &User) -> Result<()> {
        permission::may_touch(caller, Some(user), None)?;
        let write = self.0.cache.change(user.id).await?;
        let verdict = self.0.store.delete(user).await;
        write.settle(&verdict, None).await;
        verdict?;
        tracing::info!(user_id = %user.id, by = %caller.user_id, "users.deleted");
        // Should this fail, the sessions are of nobody: sign-in looks up the user and finds none.
        Ok(self.0.auth.revoke_user(user.id).await?)
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
        by = %caller.user_id,
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
