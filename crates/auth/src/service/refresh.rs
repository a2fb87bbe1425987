//! Renewing tokens.

use std::time::Duration;

use palisade_core::{Parse, Result, Secret, clock::after};

use super::{Auth, Tokens};
use crate::{Error, RefreshToken, Rotate, Rotation, audit, liveness::Freshness};

/// How long after its use a refresh token still gives the same child, for answers lost on the way.
const GRACE: Duration = Duration::from_secs(10);

impl Auth {
    /// Exchanges a refresh token for a new pair (RFC 9700 §4.14.2).
    ///
    /// The same token shown again within 10 s gives the same refresh token. Shown later, it ends the
    /// session: either its owner or whoever shows it holds a stolen copy, and nobody can say which.
    ///
    /// # Errors
    /// 401 `auth.invalid_refresh_token`; 503 when the store is lost.
    pub async fn refresh(&self, token: &Secret) -> Result<Tokens> {
        let result = self.try_refresh(token).await;
        self.0.metrics.attempted("refresh", &result);
        result
    }

    async fn try_refresh(&self, token: &Secret) -> Result<Tokens> {
        let token = RefreshToken::parse(token.expose()).map_err(|_| {
            audit::refresh_refused(None);
            Error::InvalidRefreshToken
        })?;
        let now = self.0.sessions.now().await?.unwrap_or_else(|| self.0.clock.now());
        let rotate = Rotate { now, expires_at: after(now, self.0.refresh_ttl), grace: GRACE };
        match self.0.sessions.rotate(&token, rotate).await? {
            Rotation::Rotated { user_id, session_id, child } => {
                self.purge().await;
                // A disabled user's refresh fails like a disabled user's request.
                if self.0.liveness.caller(user_id, session_id, Freshness::Now).await?.is_none() {
                    audit::refresh_refused(Some((user_id, session_id)));
                    return Err(Error::InvalidRefreshToken.into());
                }
                self.tokens(user_id, session_id, child.to_secret())
            }
            Rotation::Reused { user_id, session_id } => {
                self.0.liveness.forget(session_id);
                self.0.metrics.failures.with(["refresh_reuse"]).increment();
                tracing::warn!(user_id = %user_id, session_id = %session_id, "auth.refresh_reuse");
                Err(Error::InvalidRefreshToken.into())
            }
            Rotation::Invalid => {
                audit::refresh_refused(None);
                Err(Error::InvalidRefreshToken.into())
            }
        }
    }
}
