//! Ending sessions.

use std::sync::Arc;

use palisade_core::{Principal, Result, SessionId, UserId};
use palisade_events::UnitOfWork;

use super::Auth;
use crate::{Error, Session, audit};

impl Auth {
    /// Ends the caller's session. Ending it twice is no error.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn logout(&self, caller: &Principal) -> Result<()> {
        self.end(caller.user_id()?, caller.session_id()?).await?;
        Ok(())
    }

    /// Ends every session of a user who logs out everywhere.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn logout_all(&self, user_id: UserId) -> Result<()> {
        self.end_sessions(user_id, None).await
    }

    pub(crate) async fn end_sessions(&self, user_id: UserId, except: Option<SessionId>) -> Result<()> {
        let end = |mut unit: UnitOfWork| async move {
            self.revoke_except(&mut unit, user_id, except).await?;
            unit.commit().await
        };
        self.0.units.run(end).await
    }

    /// Ends every session of a user who is disabled or deleted, at the commit of `unit`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke_user(&self, unit: &mut UnitOfWork, user_id: UserId) -> Result<()> {
        self.revoke_except(unit, user_id, None).await
    }

    /// The user's live sessions, the most recently used first, at most 100.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sessions(&self, user_id: UserId) -> Result<Vec<Session>> {
        self.0.sessions.list(user_id, self.0.clock.now()).await
    }

    /// Ends one of the user's sessions.
    ///
    /// # Errors
    /// 404 when the user has no such live session, whoever else may.
    pub async fn revoke(&self, user_id: UserId, session_id: SessionId) -> Result<()> {
        match self.end(user_id, session_id).await? {
            true => Ok(()),
            false => Err(Error::SessionNotFound.into()),
        }
    }

    pub(super) async fn end(&self, user_id: UserId, session_id: SessionId) -> Result<bool> {
        let ended = self.0.sessions.revoke(user_id, session_id, self.0.clock.now()).await?;
        if ended {
            self.0.liveness.forget(session_id);
            tracing::info!(user_id = %user_id, session_id = %session_id, "auth.session_ended");
        }
        Ok(ended)
    }

    /// Ends a user's sessions except one, at the commit of `unit`.
    pub(super) async fn revoke_except(
        &self,
        unit: &mut UnitOfWork,
        user_id: UserId,
        except: Option<SessionId>,
    ) -> Result<()> {
        let ended = self.0.sessions.revoke_all(unit, user_id, except, self.0.clock.now()).await?;
        if !ended.is_empty() {
            let liveness = Arc::clone(&self.0.liveness);
            unit.after_commit(move || async move {
                audit::sessions_ended(user_id, ended.len());
                ended.into_iter().for_each(|id| liveness.forget(id));
            });
        }
        Ok(())
    }
}
