//! The composition root: settings → the parts of the server. The only place that chooses between backends.

use std::{sync::Arc, time::Duration};

use palisade_database::Migrator;
use palisade_health::{Lifecycle, Registry, Watch, routes::Health};
use palisade_http::{
    content::Content,
    docs::{self, Documents, ErrorPages},
    idempotency::IdempotencyKeys,
    metrics::RequestMetrics,
    rate_limit::{Limits, RateLimit},
    routes::RouteTable,
};
use palisade_ratelimit::Upkeep;

use crate::{
    checks::{DatabaseCheck, RedisCheck},
    domains::{self, Services},
    edge::Edge,
    failure::Failure,
    first_admin::FirstAdmin,
    foundation::Foundation,
    idempotency, limits, management,
    observability::Observability,
    pipeline,
    settings::Settings,
};

/// How long one health check may take, and how long its verdict is given again.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
const CHECK_CACHED_FOR: Duration = Duration::from_secs(1);

/// How often the checks run for what is measured of them: as often as Prometheus scrapes.
const CHECKED_EVERY: Duration = Duration::from_secs(15);

/// The parts of a server, shared by all its workers.
pub struct Parts {
    /// What the domains stand on.
    pub foundation: Foundation,
    /// The domains' services.
    pub services: Services,
    /// The layers that all workers share.
    pub edge: Edge,
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
    /// Who may use the management listener.
    pub(crate) management_guard: management::Guard,
    /// The API document and its viewers, where they are served.
    pub documents: Option<Documents>,
    /// The pages about errors.
    pub error_pages: ErrorPages,
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

/// Builds everything that a server or a command needs. Nothing listens yet.
///
/// # Errors
/// When the settings lead nowhere: the report names the setting.
pub async fn compose(settings: Settings, observability: Observability) -> Result<Parts, Failure> {
    let foundation = Foundation::lay(settings, observability).await?;
    let settings = &foundation.settings;
    let health = health(&foundation);
    let openapi = pipeline::openapi(settings);
    let edge = Edge::new(settings, &openapi)?;
    let mut routes = RouteTable::from_openapi(&openapi);
    let mut documents = None;
    if settings.docs_enabled() {
        routes = docs::with_routes(routes);
        documents = Some(Documents::new(&openapi).map_err(anyhow::Error::from)?);
    }
    let management_routes = RouteTable::from_openapi(&pipeline::management_openapi());
    let management_guard = management::Guard::new(&settings.management).map_err(anyhow::Error::from)?;
    let error_pages = ErrorPages::new(&domains::reasons());
    let content = settings.security.content().map_err(anyhow::Error::from)?;
    let services = domains::build(&foundation)?;
    let idempotency_keys = idempotency::keys(&foundation);
    let (limits, limiter_upkeep) = limits::limits(&foundation, &services);
    let routes = Arc::new(routes);
    let telemetry = &foundation.observability.telemetry;
    let request_metrics = settings.measures().then(|| {
        RequestMetrics::new(telemetry, settings.telemetry.slow_request()).with_routes(Arc::clone(&routes))
    });
    let health = Arc::new(health);
    let health_watch = settings.measures().then(|| Watch::start(CHECKED_EVERY, Arc::clone(&health)));
    let api_limit = limits::api_limit(settings, &routes)?;
    Ok(Parts {
        foundation,
        services,
        edge,
        idempotency_keys,
        health,
        health_watch,
        first_admin: FirstAdmin::default(),
        routes,
        management_routes: Arc::new(management_routes),
        management_guard,
        documents,
        error_pages,
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

fn health(foundation: &Foundation) -> Health {
    let Foundation { settings, clock, database, redis, .. } = foundation;
    let mut registry = Registry::new(Arc::clone(clock), CHECK_TIMEOUT, CHECK_CACHED_FOR);
    registry.register(Arc::new(DatabaseCheck::new(database.clone())));
    if let Some(redis) = redis {
        registry.register(Arc::new(RedisCheck::new(redis.clone())));
    }
    registry.measure(&foundation.observability.telemetry);
    Health {
        registry,
        lifecycle: Lifecycle::starting(),
        version: env!("CARGO_PKG_VERSION"),
        environment: settings.app.environment,
    }
}
