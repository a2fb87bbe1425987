//! Making and taking access tokens.

use std::{sync::Arc, time::Duration};

use jsonwebtoken::{Header, encode};
use palisade_core::{Clock, Ids, Secret, SessionId, UserId};

use super::{Claims, KeySet, TokenError, remembered::Remembered, verify};
use crate::{Error, Settings};

/// How far the clocks of two replicas may be apart: a token may begin this much in the future. Its end is
/// exact.
const CLOCK_SKEW_SECONDS: i64 = 5;

/// Makes and takes access tokens.
pub struct AccessTokens {
    keys: KeySet,
    issuer: String,
    audience: String,
    ttl: Duration,
    clock: Arc<dyn Clock>,
    ids: Ids,
    remembered: Remembered,
}

impl AccessTokens {
    /// Tokens signed and verified by `keys`.
    #[must_use]
    pub fn new(keys: KeySet, settings: &Settings, clock: Arc<dyn Clock>, ids: Ids) -> Self {
        Self {
            keys,
            issuer: settings.jwt_issuer.clone(),
            audience: settings.jwt_audience.clone(),
            ttl: settings.access_token_ttl(),
            clock,
            ids,
            remembered: Remembered::new(),
        }
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// How long a new token is taken.
    #[must_use]
    pub fn ttl(&self) -> Duration {
        self.ttl
    }

    /// A new token of a user's session.
    ///
    /// # Errors
    /// [`Error::Internal`] when the key does not sign.
    pub fn issue(&self, user_id: UserId, session_id: SessionId) -> Result<Secret, Error> {
        let key =
            self.keys.active().ok_or_else(|| Error::Internal("the key set has no active key".into()))?;
        let now = self.clock.now().timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            exp: now.saturating_add_unsigned(self.ttl.as_secs()),
            nbf: now,
            iat: now,
            sub: user_id,
            jti: self.ids.uuid(),
            sid: session_id,
        };
        let mut header = Header::new(key.algorithm());
        header.typ = Some(verify::TYPE.to_owned());
        header.kid = Some(key.id().to_owned());
        let token = encode(&header, &claims, key.signing()).map_err(|error| Error::Internal(error.into()))?;
        Ok(Secret::new(token))
    }

    /// The claims of a token that is ours, for us and in time. Whether its session lives is asked elsewhere.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn verify(&self, token: &str) -> Result<Arc<Claims>, TokenError> {
        let claims = self.remembered.claims(token, || verify::signed_claims(token, &self.keys))?;
        if claims.iss != self.issuer || claims.aud != self.audience || claims.exp <= claims.nbf {
            return Err(TokenError::WrongClaims);
        }
        let now = self.clock.now().timestamp();
        let begins = claims.nbf.max(claims.iat);
        if claims.exp <= now || begins > now.saturating_add(CLOCK_SKEW_SECONDS) {
            return Err(TokenError::OutOfTime);
        }
        Ok(claims)
    }
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokens")
            .field("keys", &self.keys)
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}
