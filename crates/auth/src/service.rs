//! The service: sign in, renew, end, and find out who is calling.

mod login;
mod password;
mod refresh;
mod sessions;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use palisade_core::{Clock, Ids, Principal, Random, Result, Role, Secret, SessionId, UserId};
use palisade_events::Units;

use palisade_telemetry::metrics::Telemetry;

#[cfg(feature = "routes")]
pub(crate) use login::MAX_LOGIN_BYTES;

use crate::{
    AccessTokens, Error, Identities, KeySet, Passwords, Permissions, SessionStore, Settings, audit,
    liveness::{Freshness, Liveness},
    metrics::{Metrics, Validation},
};

/// What [`Auth`] is made of.
pub struct AuthParts {
    /// The section `auth`.
    pub settings: Settings,
    /// The keys of access tokens.
    pub keys: KeySet,
    /// Who exists.
    pub identities: Arc<dyn Identities>,
    /// Where sessions are kept.
    pub sessions: Arc<dyn SessionStore>,
    /// The hashing threads.
    pub passwords: Passwords,
    /// What roles permit.
    pub permissions: Permissions,
    /// Opens units of work.
    pub units: Units,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness fit for secrets.
    pub random: Arc<dyn Random>,
    /// What measures sign-ins, tokens and permission checks.
    pub telemetry: Arc<dyn Telemetry>,
}

/// Signs people in, renews their tokens, ends their sessions, and turns an access token into a caller.
/// Clones share everything.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    tokens: AccessTokens,
    refresh_ttl: Duration,
    identities: Arc<dyn Identities>,
    sessions: Arc<dyn SessionStore>,
    passwords: Passwords,
    liveness: Arc<Liveness>,
    units: Units,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    ids: Ids,
    metrics: Metrics,
}

/// What a client gets when it signs in or renews.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Shown with each request, as `Authorization: Bearer`.
    pub access_token: Secret,
    /// Exchanged once for the next pair.
    pub refresh_token: Secret,
    /// How long the access token is taken.
    pub expires_in: Duration,
}

impl Auth {
    /// The service, made of its parts.
    #[must_use]
    pub fn new(parts: AuthParts) -> Self {
        let AuthParts { settings, keys, identities, sessions, passwords, permissions, .. } = parts;
        let AuthParts { units, clock, random, telemetry, .. } = parts;
        let ids = Ids::new(Arc::clone(&clock), Arc::clone(&random));
        let liveness =
            Liveness::new(Arc::clone(&sessions), Arc::clone(&identities), permissions, Arc::clone(&clock));
        Self(Arc::new(Inner {
            tokens: AccessTokens::new(keys, &settings, Arc::clone(&clock), ids.clone()),
            refresh_ttl: settings.refresh_token_ttl(),
            identities,
            sessions,
            passwords,
            liveness: Arc::new(liveness),
            units,
            clock,
            random,
            ids,
            metrics: Metrics::with_reasons(&telemetry),
        }))
    }

    /// Who shows this access token to read something. A revoked session, a disabled user and a changed role take effect
    /// at once in the process that did it, and within one second on every other.
    ///
    /// # Errors
    /// 401 when the token is not valid or its session has ended; 503 when that cannot be found out.
    pub async fn authenticate(&self, token: &str) -> Result<Principal> {
        self.authenticate_as_of(token, Freshness::Recent).await
    }

    /// Who shows this access token to change something: the session, the user and the roles as they are now.
    ///
    /// # Errors
    /// As [`Auth::authenticate`].
    pub async fn authenticate_for_write(&self, token: &str) -> Result<Principal> {
        self.authenticate_as_of(token, Freshness::Now).await
    }

    /// The caller with what these roles permit instead of its own.
    #[must_use]
    pub fn with_roles(&self, caller: &Principal, roles: &BTreeSet<Role>) -> Principal {
        let permissions = self.0.liveness.permissions_of(roles).into();
        Principal { roles: Arc::new(roles.clone()), permissions, ..caller.clone() }
    }

    /// Somebody's roles or status have changed: from now on, every caller in this process is looked up anew.
    pub fn rights_changed(&self) {
        self.0.liveness.forget_all();
    }

    async fn authenticate_as_of(&self, token: &str, freshness: Freshness) -> Result<Principal> {
        let metrics = &self.0.metrics;
        let claims = self.0.tokens.verify(token).map_err(|error| {
            metrics.validated(Validation::Refused(error));
            audit::token_refused(error);
            Error::InvalidToken
        })?;
        let caller = self.0.liveness.caller(claims.sub, claims.sid, freshness).await?;
        metrics.validated(if caller.is_some() { Validation::Valid } else { Validation::Revoked });
        if caller.is_none() {
            audit::token_revoked(claims.sub, claims.sid);
        }
        Ok(caller.ok_or(Error::InvalidToken)?)
    }

    /// The keys of access tokens.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        self.0.tokens.keys()
    }

    #[cfg(feature = "http")]
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    fn tokens(&self, user_id: UserId, session_id: SessionId, refresh_token: Secret) -> Result<Tokens> {
        let access_token = self.0.tokens.issue(user_id, session_id)?;
        for kind in ["access", "refresh"] {
            self.0.metrics.issued.with([kind]).increment();
        }
        Ok(Tokens { access_token, refresh_token, expires_in: self.0.tokens.ttl() })
    }

    /// Removes some of what has expired. Nobody's request fails because this did.
    async fn purge(&self) {
        if let Err(error) = self.0.sessions.purge_expired(self.0.clock.now()).await {
            tracing::warn!(error = %error, "auth.purge_failed");
        }
    }
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Auth").field("tokens", &self.0.tokens).finish_non_exhaustive()
    }
}
