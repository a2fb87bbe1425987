//! Signing in.

use palisade_core::{Result, Secret, clock::after};

use super::{Auth, Tokens};
use crate::{
    ClientInfo, Error, FamilyKey, Identity, NewSession, PasswordHash, Policy, RefreshToken, Session,
    audit::{self, LoginFailure},
};

/// The longest login: the longest e-mail address of RFC 5321 §4.5.3.1, 64 + 1 + 255.
pub(crate) const MAX_LOGIN_BYTES: usize = 320;

impl Auth {
    /// Signs in by e-mail address or username and opens a session.
    ///
    /// Unknown, disabled and wrong password give the same answer after the same work: one look-up and one
    /// verification.
    ///
    /// # Errors
    /// 401 `auth.invalid_credentials`; 503 when too many sign in at once or the store is lost.
    pub async fn login(&self, login: &str, password: Secret, client: ClientInfo) -> Result<Tokens> {
        let result = self.try_login(login, password, client).await;
        self.0.metrics.attempted("password", &result);
        result
    }

    async fn try_login(&self, login: &str, password: Secret, client: ClientInfo) -> Result<Tokens> {
        // Keyboards and password managers add blanks to names. A password is left as it is.
        let login = login.trim();
        if Policy::is_too_long(password.expose()) || login.len() > MAX_LOGIN_BYTES {
            audit::login_failed(None, &client, LoginFailure::TooLong);
            return Err(Error::InvalidCredentials.into());
        }
        let identity = self.0.identities.find_by_login(login).await?;
        let hash = identity.as_ref().and_then(|identity| identity.password_hash.as_ref());
        let matches = self.0.passwords.verify(password.clone(), hash).await?;
        let known = identity.as_ref().map(|identity| identity.user_id);
        let why = match &identity {
            None => LoginFailure::UnknownAccount,
            Some(_) if !matches => LoginFailure::WrongPassword,
            Some(_) => LoginFailure::AccountDisabled,
        };
        let Some(identity) = identity.filter(|identity| matches && identity.active) else {
            audit::login_failed(known, &client, why);
            return Err(Error::InvalidCredentials.into());
        };
        let tokens = self.open_session(&identity, &password, client).await?;
        self.renew_hash(&identity, password).await;
        Ok(tokens)
    }

    async fn open_session(
        &self,
        identity: &Identity,
        password: &Secret,
        client: ClientInfo,
    ) -> Result<Tokens> {
        let now = self.0.clock.now();
        let token = RefreshToken::generate(&*self.0.random);
        let session = Session {
            id: self.0.ids.id(),
            user_id: identity.user_id,
            created_at: now,
            last_used_at: now,
            expires_at: after(now, self.0.refresh_ttl),
            revoked_at: None,
            client: client.clone(),
        };
        let (user_id, session_id) = (session.user_id, session.id);
        let family = FamilyKey::generate(&*self.0.random);
        self.0.sessions.open(NewSession { session, family, token: token.hash() }).await?;
        if !self.still_admits(identity, password).await? {
            self.end(user_id, session_id).await?;
            audit::login_failed(Some(user_id), &client, LoginFailure::ChangedMeanwhile);
            return Err(Error::InvalidCredentials.into());
        }
        self.purge().await;
        audit::login(user_id, session_id, &client);
        self.tokens(user_id, session_id, token.to_secret())
    }

    /// Whether what was verified still holds. While a sign-in waits for its verification, the password may be
    /// changed or the user disabled, which ends the sessions that are open then. The new session is open by now,
    /// so that whatever changes from here on ends it too.
    async fn still_admits(&self, verified: &Identity, password: &Secret) -> Result<bool> {
        let present = self.0.identities.find(verified.user_id).await?;
        let Some(present) = present.filter(|identity| identity.active) else { return Ok(false) };
        if present.password_hash == verified.password_hash {
            return Ok(true);
        }
        // Another sign-in may have hashed the same password anew.
        self.0.passwords.verify(password.clone(), present.password_hash.as_ref()).await
    }

    /// Hashes the password anew when its hash was made at another cost. Signing in succeeds even when this
    /// does not; the next sign-in tries again.
    async fn renew_hash(&self, identity: &Identity, password: Secret) {
        let Some(present) = &identity.password_hash else { return };
        if let Err(error) = self.try_renew_hash(identity, present, password).await {
            tracing::warn!(error = %error, "auth.rehash_failed");
        }
    }

    async fn try_renew_hash(
        &self,
        identity: &Identity,
        present: &PasswordHash,
        password: Secret,
    ) -> Result<()> {
        let Some(new) = self.0.passwords.rehash(password, present).await? else { return Ok(()) };
        let mut unit = self.0.units.begin();
        self.0.identities.replace_password_hash(&mut unit, identity.user_id, present, new).await?;
        unit.commit().await
    }
}
