//! Signing in, as a server takes it.

use std::{future::ready, io, sync::Arc};

use palisade_config::{Problems, Rules};
use palisade_core::Environment;
use palisade_http::access::Authenticator;
use palisade_server::{Domain, Failure, Foundation, missing_secret};

use crate::{
    Argon2Hasher, Auth, AuthParts, Hasher, Identities, KeySet, LiveSessions, METRICS, MIGRATIONS,
    PasswordChanged, Passwords, Permissions, REASONS, SessionStore, Settings, SigningAlgorithm, SigningKey,
    SqlSessionStore, WeakSecret, events, http,
};

/// Signing in: the `/auth` routes, the settings section `auth`, and the callers of every other domain. It needs a domain that
/// provides `Arc<dyn Identities>`: who exists.
///
/// What a program can replace: `Arc<dyn SessionStore>`, `Arc<dyn Hasher>`, `Arc<dyn Authenticator>`.
#[must_use]
pub fn domain() -> Domain {
    Domain::new("auth")
        .migrations(&MIGRATIONS)
        .reasons(REASONS)
        .metrics(METRICS)
        .tags(http::TAGS)
        .tags(http::KEY_TAGS)
        .grant("admin", ["*"])
        .routes(http::configure)
        .root_routes(http::configure_root)
        .limited_root_route("/auth/login")
        .sign_in("/auth/login")
        .settings::<Settings>("auth")
        .root_secret(|settings| settings.section::<Settings>().ok()?.jwt_secret.as_ref())
        .amend_document(|openapi, settings| {
            if let Ok(settings) = settings.section::<Settings>() {
                http::document_password_length(openapi, settings.password_min_length);
            }
        })
        .service(hasher)
        .service(sessions)
        .service(passwords)
        .service(auth)
        .service(authenticator)
        .service(live_sessions)
        .event::<PasswordChanged>("A user has changed the password.")
        .after_commit(events::PASSWORD_CHANGED, |_| ready(Ok::<_, Failure>(events::password_changed)))
        .after_commit(events::END_OTHER_SESSIONS, |_, auth| {
            ready(Ok::<_, Failure>(events::end_other_sessions(auth)))
        })
        .after_commit_if_told(events::USER_DISABLED, |_, auth| {
            ready(Ok::<_, Failure>(events::user_disabled(auth)))
        })
        .after_commit_if_told(events::USER_DELETED, |_, auth| {
            ready(Ok::<_, Failure>(events::user_deleted(auth)))
        })
}

async fn hasher(foundation: Arc<Foundation>) -> Result<Arc<dyn Hasher>, Failure> {
    Ok(Arc::new(Argon2Hasher::new(Arc::clone(foundation.random()))))
}

async fn sessions(foundation: Arc<Foundation>) -> Result<Arc<dyn SessionStore>, Failure> {
    Ok(Arc::new(SqlSessionStore::new(foundation.database().clone())))
}

async fn passwords(foundation: Arc<Foundation>, hasher: Arc<dyn Hasher>) -> Result<Passwords, Failure> {
    let started = Passwords::start(foundation.section::<Settings>()?, hasher, foundation.telemetry());
    started.map_err(|error: io::Error| {
        let message = format!("the hashing threads cannot start: {error}");
        Failure::Other(anyhow::Error::from(error).context(message))
    })
}

async fn auth(
    foundation: Arc<Foundation>,
    identities: Arc<dyn Identities>,
    sessions: Arc<dyn SessionStore>,
    passwords: Passwords,
) -> Result<Auth, Failure> {
    let settings = foundation.section::<Settings>()?;
    Ok(Auth::new(AuthParts {
        settings: settings.clone(),
        keys: KeySet::new(key(&foundation, settings)?),
        identities,
        sessions,
        passwords,
        permissions: permissions(&foundation),
        units: foundation.units().clone(),
        clock: Arc::clone(foundation.clock()),
        random: Arc::clone(foundation.random()),
        telemetry: Arc::clone(foundation.telemetry()),
    }))
}

/// The key of access tokens: the section's own secret, or in development that of this machine.
fn key(foundation: &Foundation, settings: &Settings) -> Result<SigningKey, Failure> {
    let secret = settings.jwt_secret.as_ref().unwrap_or_else(|| foundation.root_secret());
    let key = match settings.jwt_algorithm {
        SigningAlgorithm::HS256 => SigningKey::hs256(secret),
    };
    key.map_err(|error| Failure::Setting { key: "auth.jwt_secret", message: error.to_string() })
}

/// What the domains of the program grant to roles.
fn permissions(foundation: &Foundation) -> Permissions {
    let grants = foundation.facts().grants();
    grants.fold(Permissions::none(), |permissions, (role, granted)| {
        permissions.grant(role, granted.iter().copied())
    })
}

async fn authenticator(_: Arc<Foundation>, auth: Auth) -> Result<Arc<dyn Authenticator>, Failure> {
    Ok(Arc::new(auth))
}

/// Counts the sessions that are alive, where anything is measured.
async fn live_sessions(
    foundation: Arc<Foundation>,
    sessions: Arc<dyn SessionStore>,
) -> Result<Option<Arc<LiveSessions>>, Failure> {
    let counting = || LiveSessions::start(sessions, Arc::clone(foundation.clock()), foundation.telemetry());
    Ok(foundation.settings().measures().then(counting).map(Arc::new))
}

impl Rules for Settings {
    fn check(&self, environment: Environment, problems: &mut Problems) {
        if self.refresh_token_ttl_seconds <= self.access_token_ttl_seconds {
            problems.reject(
                "auth.refresh_token_ttl_seconds",
                "must be longer than auth.access_token_ttl_seconds, or nothing is left to refresh",
            );
        }
        let key = "auth.jwt_secret";
        match self.secret_weakness() {
            Some(WeakSecret::TooShort) => problems.reject(key, "must have at least 32 bytes (RFC 7518 §3.2)"),
            Some(weakness) if !environment.is_development() => problems.reject(key, weakness.to_string()),
            _ if environment.is_development() || self.jwt_secret.is_some() => {}
            _ => problems.reject(key, missing_secret(environment)),
        }
    }
}
