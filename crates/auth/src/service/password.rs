//! Changing one's password.

use palisade_core::{FieldError, Principal, Result, Secret};
use palisade_events::UnitOfWork;

use super::Auth;
use crate::{Error, PasswordChanged};

impl Auth {
    /// Sets the caller's new password and ends the caller's other sessions (OWASP ASVS 7.4.3); the one
    /// that asked goes on.
    ///
    /// # Errors
    /// 422 at `/current_password` when that is wrong, at `/new_password` when it breaks the policy or is
    /// the present one; 503 when too many wait or the store is lost.
    pub async fn change_password(&self, caller: &Principal, current: Secret, new: Secret) -> Result<()> {
        let (user_id, session_id) = (caller.user_id()?, caller.session_id()?);
        let identity = self.0.identities.find(user_id).await?.ok_or(Error::InvalidToken)?;
        let verified = self.0.passwords.verify(current.clone(), identity.password_hash.as_ref()).await?;
        let Some(present) = identity.password_hash.as_ref().filter(|_| verified) else {
            tracing::info!(%user_id, "auth.password_change_refused");
            return Err(Error::WrongCurrentPassword.into());
        };
        if self.0.passwords.are_one(&new, &current) {
            let unchanged =
                FieldError::new("new_password", "unchanged", "must differ from the current password");
            return Err(unchanged.into());
        }
        let mut personal = vec![identity.email.as_str(), identity.username.as_str()];
        personal.extend(identity.name.as_deref());
        let hash = self.0.passwords.set_at("new_password", new, &personal).await?;
        let set = &hash;
        let replace = |mut unit: UnitOfWork| async move {
            // Someone changed it meanwhile: what was verified is not the current password any more.
            let identities = &self.0.identities;
            if !identities.replace_password_hash(&mut unit, user_id, present, set.clone()).await? {
                return Err(palisade_core::Error::from(Error::WrongCurrentPassword));
            }
            self.revoke_except(&mut unit, user_id, Some(session_id)).await?;
            unit.record(&PasswordChanged { user_id, session_id: Some(session_id) }).await?;
            unit.commit().await
        };
        self.0.units.run(replace).await
    }
}
