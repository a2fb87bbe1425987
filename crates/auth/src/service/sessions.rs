//! Ending sessions.

use palisade_core::{Principal, Result, SessionId, UserId};

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

    /// Ends every session of a user who logs out everywhere, was disabled or deleted.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke_user(&self, user_id: UserId) -> Result<()> {
        let ended = self.end_all(user_id, None).await?;
        if ended > 0 {
            audit::sessions_ended(user_id, ended);
        }
        Ok(())
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

    /// Ends the sessions, and says how many; telling of them is the caller's.
    pub(super) async fn end_all(&self, user_id: UserId, except: Option<SessionId>) -> Result<usize> {
        let ended = self.0.sessions.revoke_all(user_id, except, self.0.clock.now()).await?;
        for session_id in &ended {
            self.0.liveness.forget(*session_id);
        }
        Ok(ended.len())
    }
}
