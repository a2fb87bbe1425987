//! From the settings to the parts of a running server. Which backend a part has is chosen where it is made: `caching.rs`,
//! `limits.rs`, `idempotency.rs`, and in the domains.

use std::{sync::Arc, time::Duration};

use palisade_cache::Caching;
use palisade_database::Startup;
use palisade_events::Subscriptions;
use palisade_health::{Registry, Watch, routes::Health};
use palisade_http::{
    access::Authenticator,
    content::Content,
    idempotency::IdempotencyKeys,
    metrics::RequestMetrics,
    rate_limit::{Limits, RateLimit},
    routes::RouteTable,
};
use palisade_idempotency::Idempotency;
use palisade_openapi::{Documents, ErrorPages, FrontPage};
use palisade_ratelimit::{RateLimiter, Upkeep};

use crate::{
    base::Base,
    checks::{DatabaseCheck, RedisCheck},
    countries::Countries,
    document,
    failure::Failure,
    foundation::Foundation,
    idempotency, limits,
    no_callers::NoCallers,
    program::Program,
    provider,
    services::Services,
};

/// How long one health check may take, and how long its verdict is given again.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
const CHECK_CACHED_FOR: Duration = Duration::from_secs(1);

/// How often the checks run for what is measured of them: as often as Prometheus scrapes.
const CHECKED_EVERY: Duration = Duration::from_secs(15);

/// The parts of a server, shared by all its workers.
pub(crate) struct Parts {
    /// What is known from the settings alone.
    pub(crate) base: Arc<Base>,
    /// What services are built on.
    pub(crate) foundation: Arc<Foundation>,
    /// What domains do.
    pub(crate) services: Services,
    /// What is cached with, where anything is.
    pub(crate) caching: Option<Caching>,
    /// Who may call.
    pub(crate) authenticator: Arc<dyn Authenticator>,
    /// Lets countries in or keeps them out, where there is a database of them.
    pub(crate) countries: Option<Countries>,
    /// The layer that carries out a request with a key once, where it is on.
    pub(crate) idempotency_keys: Option<IdempotencyKeys>,
    /// What the health routes show.
    pub(crate) health: Arc<Health>,
    /// Runs the health checks, where anything is measured.
    pub(crate) _health_watch: Option<Watch>,
    /// Who may call what on the public listener.
    pub(crate) routes: Arc<RouteTable>,
    /// The same for the management listener.
    pub(crate) management_routes: Arc<RouteTable>,
    /// The API document and its viewers, where they are served.
    pub(crate) documents: Option<Documents>,
    /// The pages about errors.
    pub(crate) error_pages: ErrorPages,
    /// What `GET /` answers.
    pub(crate) front_page: FrontPage,
    /// What addresses and bodies may look like.
    pub(crate) content: Content,
    /// What every rate limit counts with.
    pub(crate) limits: Limits,
    /// Has what they count with give memory back, where limits are on.
    pub(crate) _limiter_upkeep: Option<Upkeep>,
    /// The limit of the whole API.
    pub(crate) api_limit: RateLimit,
    /// The layer that measures each request.
    pub(crate) request_metrics: Option<RequestMetrics>,
}

impl Parts {
    /// Makes everything that a server needs, first what needs only this machine. `startup` waits for the database.
    ///
    /// # Errors
    /// When a setting can never work, or something outside is not there in time.
    pub(crate) async fn start(base: Arc<Base>, startup: &mut Startup) -> Result<Self, Failure> {
        let (settings, openapi, program) = (base.settings(), &base.openapi, &base.program);
        let further = &base.further;
        let documents = document::documents(settings, openapi, further).map_err(anyhow::Error::from)?;
        let routes = Arc::new(document::public_routes(settings, openapi, further));
        let countries = Countries::open(&settings.geoip, palisade_openapi::exempt_routes(openapi)).await?;
        let error_pages = ErrorPages::new(&settings.app.name, &program.reasons());
        let front_page = FrontPage::new(&settings.app.name, documents.is_some());
        let content = settings.security.content.layer().map_err(anyhow::Error::from)?;
        let api_limit = limits::api_limit(program, settings, &routes)?;
        let secret = program.domains_secret(settings);
        let foundation = Arc::new(Foundation::connect(Arc::clone(&base.ground), secret, startup).await?);
        let services = provider::start(program.providers.iter(), &foundation).await?;
        foundation.units().subscribe(subscriptions(program, &foundation, &services).await?);
        let health = Arc::new(health(&base, &foundation, &services).await?);
        let authenticator = services.find::<Arc<dyn Authenticator>>().ok().cloned();
        let limiter = services.find::<Arc<dyn RateLimiter>>()?.clone();
        let (limits, limiter_upkeep) = limits::limits(&foundation, limiter, authenticator.clone());
        let request_metrics =
            base.request_metrics.clone().map(|metrics| metrics.with_routes(Arc::clone(&routes)));
        let health_watch = settings.measures().then(|| Watch::start(CHECKED_EVERY, Arc::clone(&health)));
        let answers = services.find::<Option<Idempotency>>()?.clone();
        Ok(Self {
            idempotency_keys: answers.map(|answers| idempotency::layer(settings, answers)),
            caching: services.find::<Option<Caching>>()?.clone(),
            authenticator: authenticator.unwrap_or_else(|| Arc::new(NoCallers)),
            base,
            foundation,
            services,
            countries,
            health,
            _health_watch: health_watch,
            routes,
            management_routes: Arc::new(document::private_routes()),
            documents,
            error_pages,
            front_page,
            content,
            limits,
            _limiter_upkeep: limiter_upkeep,
            api_limit,
            request_metrics,
        })
    }
}

/// Who hears of events.
async fn subscriptions(
    program: &Program,
    foundation: &Arc<Foundation>,
    services: &Services,
) -> Result<Subscriptions, Failure> {
    let mut subscriptions = Subscriptions::default();
    for subscriber in program.domains.iter().flat_map(|domain| &domain.subscribers) {
        let subscribe = (subscriber.subscribe)(Arc::clone(foundation), services)?.await?;
        subscriptions = subscribe(subscriptions);
    }
    Ok(subscriptions)
}

async fn health(base: &Base, foundation: &Arc<Foundation>, services: &Services) -> Result<Health, Failure> {
    let mut registry = Registry::new(
        Arc::clone(foundation.clock()),
        CHECK_TIMEOUT,
        CHECK_CACHED_FOR,
        foundation.telemetry(),
    );
    registry.register(Arc::new(DatabaseCheck::new(foundation.database().clone())));
    if let Some(redis) = foundation.redis() {
        registry.register(Arc::new(RedisCheck::new(redis.clone())));
    }
    for check in base.program.domains.iter().flat_map(|domain| &domain.checks) {
        registry.register(check(Arc::clone(foundation), services)?.await?);
    }
    Ok(Health {
        registry,
        lifecycle: base.lifecycle.clone(),
        version: foundation.facts().version(),
        environment: base.settings().app.environment,
    })
}
