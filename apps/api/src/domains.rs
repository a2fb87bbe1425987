//! The domain crates of this server: the static facts of each in [`DOMAINS`], its service in [`build`].

use std::{num::NonZeroU32, sync::Arc};

use actix_web::web::Data;
use palisade_auth::{
    Argon2Hasher, Auth, Identities, Key, KeySet, LiveSessions, Passwords, Permissions, SessionStore,
    SigningAlgorithm, SqlSessionStore,
};
use palisade_core::{ForgetUser, error::Reason};
use palisade_database::Migrations;
use palisade_telemetry::metrics::Declaration;
use palisade_users::{Registration, SqlUserStore, UserCache, UserIdentities, UserStore, Users};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::foundation::{ComposeError, Foundation};

/// How long a user is cached at most.
const USER_TTL_SECONDS: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// What is known of a domain before anything runs.
pub struct Domain {
    /// Its changes to the schema, merged with everyone's by version.
    pub migrations: &'static Migrations,
    /// Its names for what goes wrong, for `docs/errors.md`.
    pub reasons: &'static [Reason],
    /// What it measures.
    pub metrics: &'static [&'static [Declaration]],
    /// The groups of its routes in the API document, each with what it is for.
    pub tags: &'static [(&'static str, &'static str)],
    /// Its routes under the API prefix.
    pub routes: fn(&mut ServiceConfig<'_>),
    /// Its routes at the root.
    pub root_routes: fn(&mut ServiceConfig<'_>),
}

/// Every domain, in the order of its routes.
pub const DOMAINS: &[Domain] = &[
    Domain {
        migrations: &palisade_auth::MIGRATIONS,
        reasons: palisade_auth::REASONS,
        metrics: palisade_auth::METRICS,
        tags: palisade_auth::http::TAGS,
        routes: palisade_auth::http::configure,
        root_routes: palisade_auth::http::configure_root,
    },
    Domain {
        migrations: &palisade_users::MIGRATIONS,
        reasons: palisade_users::REASONS,
        metrics: palisade_users::METRICS,
        tags: palisade_users::http::TAGS,
        routes: palisade_users::http::configure,
        root_routes: |_| {},
    },
];

/// The domains' services, ready to be given to their handlers.
#[derive(Debug, Clone)]
pub struct Services {
    /// Signing in.
    pub auth: Auth,
    /// Who exists.
    pub users: Users,
    /// Counts the sessions that are alive, where anything is measured.
    pub live_sessions: Option<Arc<LiveSessions>>,
}

impl Services {
    /// Hands each service to the handlers that ask for it.
    pub fn provide(&self, config: &mut ServiceConfig<'_>) {
        config.app_data(Data::new(self.auth.clone())).app_data(Data::new(self.users.clone()));
    }
}

/// Builds each domain's service on the foundation. `forget` keeps something of users that must not outlive them.
///
/// # Errors
/// When the signing key is unfit or the hashing threads cannot start.
pub fn build(foundation: &Foundation, forget: Vec<Arc<dyn ForgetUser>>) -> Result<Services, ComposeError> {
    let Foundation { settings, clock, random, ids, database, signing_secret, .. } = foundation;
    let store: Arc<dyn UserStore> = Arc::new(SqlUserStore::new(database.clone()));
    let identities: Arc<dyn Identities> = Arc::new(UserIdentities::new(Arc::clone(&store)));
    let telemetry = &foundation.observability.telemetry;
    let passwords = Passwords::start(&settings.auth, Arc::new(Argon2Hasher::new(Arc::clone(random))))?;
    passwords.measure(telemetry);
    let sessions: Arc<dyn SessionStore> = Arc::new(SqlSessionStore::new(database.clone()));
    let live_sessions = settings
        .measures()
        .then(|| LiveSessions::measure(Arc::clone(&sessions), Arc::clone(clock), telemetry));
    let auth = Auth::new(palisade_auth::Parts {
        settings: settings.auth.clone(),
        keys: KeySet::new(match settings.auth.jwt_algorithm {
            SigningAlgorithm::HS256 => Key::hs256(signing_secret)?,
        }),
        identities,
        sessions,
        passwords: passwords.clone(),
        permissions: Permissions::default(),
        clock: Arc::clone(clock),
        random: Arc::clone(random),
    });
    let users = Users::new(palisade_users::Parts {
        store,
        cache: user_cache(foundation),
        auth: auth.clone(),
        passwords,
        registration: if settings.auth.registration_enabled {
            Registration::Open
        } else {
            Registration::Closed
        },
        forget,
        ids: ids.clone(),
        clock: Arc::clone(clock),
    });
    auth.measure(telemetry);
    users.measure(telemetry);
    Ok(Services { auth, users, live_sessions: live_sessions.map(Arc::new) })
}

/// Users that were read lately, where answers are cached.
fn user_cache(foundation: &Foundation) -> UserCache {
    let settings = &foundation.settings.cache;
    match &foundation.caching {
        Some(caching) => UserCache::new(caching.clone(), settings.ttl(USER_TTL_SECONDS), settings.strategy),
        None => UserCache::off(),
    }
}

/// Every domain's migrations, and those of the one layer that keeps something.
#[must_use]
pub fn migrations() -> Vec<&'static Migrations> {
    DOMAINS.iter().map(|domain| domain.migrations).chain([&palisade_idempotency::MIGRATIONS]).collect()
}

/// Every domain's names for what goes wrong, and those of the edge and of the app.
#[must_use]
pub fn reasons() -> Vec<Reason> {
    let edge = palisade_idempotency::REASONS.iter().chain(palisade_ratelimit::REASONS);
    let edge = edge.chain(palisade_resilience::REASONS);
    let own = edge.chain(crate::edge::REASONS).chain(crate::first_admin::REASONS);
    DOMAINS.iter().flat_map(|domain| domain.reasons).chain(own).copied().collect()
}

/// The groups of the API document, in the order in which they are shown: what people come for, then what the server is
/// about.
#[must_use]
pub fn tags() -> Vec<(&'static str, &'static str)> {
    let (health, errors) = (palisade_health::routes::TAGS, palisade_http::docs::ERROR_TAGS);
    let own = [crate::first_admin::TAGS, health, crate::meta::TAGS, errors, palisade_auth::http::KEY_TAGS];
    DOMAINS.iter().map(|domain| domain.tags).chain(own).flatten().copied().collect()
}

/// Everything that the server measures.
#[must_use]
pub fn metrics() -> Vec<Declaration> {
    let below = [
        palisade_telemetry::METRICS,
        palisade_telemetry::process::METRICS,
        palisade_resilience::METRICS,
        palisade_redis::METRICS,
        palisade_database::METRICS,
        palisade_cache::METRICS,
        palisade_idempotency::METRICS,
        palisade_ratelimit::METRICS,
        palisade_health::METRICS,
        palisade_http::metrics::METRICS,
        palisade_http::coders::METRICS,
        crate::security_alerts::METRICS,
    ];
    let domains = DOMAINS.iter().map(|domain| domain.metrics);
    below.into_iter().chain(domains).flatten().copied().flatten().copied().collect()
}
