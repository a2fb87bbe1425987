//! Changing and removing users.

use palisade_core::{Principal, UserId};
use palisade_events::UnitOfWork;

use super::{Users, permission};
use crate::{
    Error, Result, Status, User, UserChange, UserDeleted, UserDisabled, UserUpdated, metrics::Action,
};

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
            let write = self.0.cache.change(id).await?;
            let verdict = self.in_turn(|unit| self.try_update(unit, caller, id, change, &expects)).await;
            write.settle(&verdict, verdict.as_ref().ok().map(|(_, after)| after)).await;
            let (before, after) = verdict?;
            if (&after.roles, after.status) != (&before.roles, before.status) {
                self.0.auth.rights_changed();
            }
            Ok(after)
        })
        .await
    }

    /// The user before and after the change.
    async fn try_update(
        &self,
        mut unit: UnitOfWork,
        caller: &Principal,
        id: UserId,
        change: &UserChange,
        expects: impl Fn(&User) -> bool,
    ) -> Result<(User, User)> {
        let Locked { caller, user: before } = self.lock(&mut unit, caller, id).await?;
        permission::may_change(&caller, id, change)?;
        let after = self.changed(&before, change);
        permission::may_touch(&caller, Some(&before), Some(&after))?;
        if !expects(&before) {
            return Err(Error::Changed);
        }
        if after != before {
            if before.is_active_admin() && !after.is_active_admin() {
                self.check_other_admin(&mut unit, id).await?;
            }
            self.0.store.update(&mut unit, &before, &after).await?;
            unit.record(&UserUpdated::new(&caller, &before, &after)).await?;
            if before.status == Status::Active && after.status == Status::Disabled {
                unit.record(&UserDisabled { user_id: id, by: caller.subject.to_string() }).await?;
            }
        }
        // Also when nothing was different: who asks again after a lost answer must find the sessions ended.
        if after.status == Status::Disabled {
            self.0.auth.revoke_user(&mut unit, id).await?;
        }
        unit.commit().await?;
        Ok((before, after))
    }

    /// Removes a user of whom `expects` holds, and ends every session. The route lets only those in who may write users.
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
            let write = self.0.cache.change(id).await?;
            let verdict = self.in_turn(|unit| self.try_delete(unit, caller, id, &expects)).await;
            write.settle(&verdict, None).await;
            verdict
        })
        .await
    }

    async fn try_delete(
        &self,
        mut unit: UnitOfWork,
        caller: &Principal,
        id: UserId,
        expects: impl Fn(&User) -> bool,
    ) -> Result<()> {
        let Locked { caller, user } = self.lock(&mut unit, caller, id).await?;
        permission::may_write(&caller)?;
        permission::may_touch(&caller, Some(&user), None)?;
        if !expects(&user) {
            return Err(Error::Changed);
        }
        if user.is_active_admin() {
            self.check_other_admin(&mut unit, id).await?;
        }
        self.0.store.delete(&mut unit, id).await?;
        self.0.auth.revoke_user(&mut unit, id).await?;
        unit.record(&UserDeleted { user_id: id, by: caller.subject.to_string() }).await?;
        Ok(unit.commit().await?)
    }

    /// The caller with its present rights, and the user; neither changes until the end of the unit.
    async fn lock(&self, unit: &mut UnitOfWork, caller: &Principal, id: UserId) -> Result<Locked> {
        let by = permission::account_of(caller)?;
        let present = self.0.store.lock(unit, &[by, id]).await?;
        let find = |id| present.iter().find(|user| user.id == id);
        let user = find(id).ok_or(Error::NotFound)?;
        Ok(Locked { caller: self.present_caller(caller, find(by))?, user: user.clone() })
    }

    /// Refuses what would leave no active administrator.
    async fn check_other_admin(&self, unit: &mut UnitOfWork, id: UserId) -> Result<()> {
        if self.0.store.has_other_admin(unit, Some(id)).await? { Ok(()) } else { Err(Error::LastAdmin) }
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
}

/// Who writes and what is written to, as both are in a unit of work.
struct Locked {
    caller: Principal,
    user: User,
}

fn apply(change: &UserChange, user: &mut User) {
    let UserChange { email, username, name, roles, status } = change.clone();
    user.email = email.unwrap_or_else(|| user.email.clone());
    user.username = username.unwrap_or_else(|| user.username.clone());
    user.name = name.unwrap_or_else(|| user.name.clone());
    user.roles = roles.map_or_else(|| user.roles.clone(), |roles| roles.0);
    user.status = status.unwrap_or(user.status);
}
