//! The composition root: settings → the parts of the server. The only place that chooses between backends.

use std::{sync::Arc, time::Duration};

use palisade_core::ForgetUser;
use palisade_database::{Migrator, Startup};
use palisade_health::{Registry, Watch, routes::Health};
use palisade_http::{
    content::Content,
    docs::{Documents, ErrorPages, FrontPage},
    idempotency::IdempotencyKeys,
    metrics::RequestMetrics,
    rate_limit::{Limits, RateLimit},
    routes::RouteTable,
    vital::Vital,
};
use palisade_ratelimit::Upkeep;

use crate::{
    base::Base,
    checks::{DatabaseCheck, RedisCheck},
    countries::Countries,
    domains::{self, Services},
    failure::Failure,
    first_admin::FirstAdmin,
    foundation::{self, Foundation},
    idempotency, limits, pipeline,
};

/// How long one health check may take, and how long its verdict is given again.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
const CHECK_CACHED_FOR: Duration = Duration::from_secs(1);

/// How often the checks run for what is measured of them: as often as Prometheus scrapes.
const CHECKED_EVERY: Duration = Duration::from_secs(15);

/// The parts of a server, shared by all its workers.
pub struct Parts {
    /// What is known from the settings alone.
    pub base: Arc<Base>,
    /// What the domains stand on.
    pub foundation: Foundation,
    /// The domains' services.
    pub services: Services,
    /// Lets countries in or keeps them out, where there is a database that tells.
    pub countries: Option<Countries>,
    /// The layer that carries out a request with a key once, where it is on.
    pub idempotency_keys: Option<IdempotencyKeys>,
    /// What the health routes tell about.
    pub health: Arc<Health>,
    /// Has the health checks run, where anything is measured.
    pub health_watch: Option<Watch>,
    /// The one-time link that makes the first admin.
    pub first_admin: FirstAdmin,
    /// Who may call what on the public listener.
    pub routes: Arc<RouteTable>,
    /// The same for the management listener.
    pub management_routes: Arc<RouteTable>,
    /// The API document and its viewers, where they are served.
    pub documents: Option<Documents>,
    /// The pages about errors.
    pub error_pages: ErrorPages,
    /// What `GET /` answers.
    pub front_page: FrontPage,
    /// What addresses and bodies may look like.
    pub content: Content,
    /// What every rate limit counts with.
    pub limits: Limits,
    /// Has what they count with give memory back, where limits are on.
    pub limiter_upkeep: Option<Upkeep>,
    /// The limit of the whole API.
    pub api_limit: RateLimit,
    /// The layer that measures each request.
    pub request_metrics: Option<RequestMetrics>,
}

/// Builds everything that a server or a command needs, first what needs only this machine. `startup` waits for the
/// database.
///
/// # Errors
/// When a setting can never work, or something outside is not there in time.
pub async fn compose(base: Arc<Base>, startup: &mut Startup) -> Result<Parts, Failure> {
    let (settings, openapi) = (&base.settings, &base.openapi);
    let documents = settings.docs_enabled().then(|| Documents::new(openapi)).transpose();
    let documents = documents.map_err(anyhow::Error::from)?;
    let routes = pipeline::public_routes(settings, openapi);
    let management_routes = pipeline::private_routes();
    let countries = Countries::open(&settings.geoip, Vital::from_openapi(openapi)).await?;
    let error_pages = ErrorPages::new(&settings.app.name, &domains::reasons());
    let front_page = FrontPage::new(&settings.app.name, documents.is_some());
    let content = settings.security.content().map_err(anyhow::Error::from)?;
    let foundation = Foundation::lay(&base, startup).await?;
    let health = health(&base, &foundation);
    let idempotency = idempotency::service(&foundation);
    let forget = idempotency.iter().cloned().map(|keeper| Arc::new(keeper) as Arc<dyn ForgetUser>).collect();
    let services = domains::build(&foundation, forget)?;
    let idempotency_keys = idempotency.map(|idempotency| idempotency::keys(&foundation, idempotency));
    let (limits, limiter_upkeep) = limits::limits(&foundation, &services);
    let routes = Arc::new(routes);
    let request_metrics =
        base.request_metrics.clone().map(|metrics| metrics.with_routes(Arc::clone(&routes)));
    let health = Arc::new(health);
    let health_watch = settings.measures().then(|| Watch::start(CHECKED_EVERY, Arc::clone(&health)));
    let api_limit = limits::api_limit(settings, &routes)?;
    Ok(Parts {
        base,
        foundation,
        services,
        countries,
        idempotency_keys,
        health,
        health_watch,
        first_admin: FirstAdmin::default(),
        routes,
        management_routes: Arc::new(management_routes),
        documents,
        error_pages,
        front_page,
        content,
        limits,
        limiter_upkeep,
        api_limit,
        request_metrics,
    })
}

/// The migrator over every domain.
#[must_use]
pub fn migrator() -> Migrator {
    Migrator::new(domains::migrations())
}

/// The migrations cannot be read or applied.
pub(crate) fn not_migrated(error: palisade_database::Error) -> Failure {
    match error {
        lost @ palisade_database::Error::Unavailable { .. } => foundation::refused(lost),
        error => anyhow::Error::from(error).context("the migrations failed").into(),
    }
}

fn health(base: &Base, foundation: &Foundation) -> Health {
    let Foundation { settings, clock, database, redis, .. } = foundation;
    let mut registry = Registry::new(Arc::clone(clock), CHECK_TIMEOUT, CHECK_CACHED_FOR);
    registry.register(Arc::new(DatabaseCheck::new(database.clone())));
    if let Some(redis) = redis {
        registry.register(Arc::new(RedisCheck::new(redis.clone())));
    }
    registry.measure(&foundation.observability.telemetry);
    Health {
        registry,
        lifecycle: base.lifecycle.clone(),
        version: env!("CARGO_PKG_VERSION"),
        environment: settings.app.environment,
    }
}
