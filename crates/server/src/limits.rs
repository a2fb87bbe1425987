//! The rate limits of this server: what counts, and what is counted.

use std::sync::Arc;

use palisade_http::{
    access::{Authenticator, callers},
    rate_limit::{Limits, RateLimit},
    routes::RouteTable,
};
use palisade_ratelimit::{
    Backend, FallbackRateLimiter, LeasedRateLimiter, MeasuredRateLimiter, MemoryRateLimiter, RateLimiter,
    RedisRateLimiter, Timeline, Upkeep,
};

use crate::{failure::Failure, foundation::Foundation, program::Program, settings::Settings};

/// The name of the API's own limit in headers and counters.
const NAME: &str = "api";

/// What counts the requests of this server: Redis for all processes together, where there is one and the settings do
/// not say otherwise, and the memory of this process while it is lost; else the memory alone.
pub(crate) async fn rate_limiter(foundation: Arc<Foundation>) -> Result<Arc<dyn RateLimiter>, Failure> {
    let (settings, clock) = (&foundation.settings().rate_limit, &**foundation.clock());
    let memory = MemoryRateLimiter::new(Timeline::steady(clock), settings.memory_options());
    let Some(redis) = foundation.redis().filter(|_| settings.backend != Some(Backend::Memory)) else {
        return Ok(Arc::new(memory));
    };
    let shared = RedisRateLimiter::new(redis.clone());
    let guarded = FallbackRateLimiter::new(shared, memory, settings.replicas(), foundation.telemetry());
    Ok(match settings.lease() {
        Some(slice) => Arc::new(LeasedRateLimiter::new(guarded, Timeline::steady(clock), slice)),
        None => Arc::new(guarded),
    })
}

/// What every limit of the server counts with: the API's, and those of single routes. Where limits are on, with the
/// task that has the limiter give memory back.
pub(crate) fn limits(
    foundation: &Foundation,
    limiter: Arc<dyn RateLimiter>,
    authenticator: Option<Arc<dyn Authenticator>>,
) -> (Limits, Option<Upkeep>) {
    let settings = foundation.settings();
    if !settings.rate_limit_enabled() {
        return (Limits::off(), None);
    }
    let limiter: Arc<dyn RateLimiter> = match settings.measures() {
        true => Arc::new(MeasuredRateLimiter::new(limiter, foundation.telemetry())),
        false => limiter,
    };
    let upkeep = Upkeep::start(Arc::clone(&limiter));
    let limits = Limits::new(limiter, Arc::clone(foundation.clock()));
    let limits = match authenticator {
        Some(authenticator) => limits.identified_by(callers(authenticator)),
        None => limits,
    };
    (limits, Some(upkeep))
}

/// The limit of the whole API in all its versions, health excepted.
///
/// # Errors
/// When the settings are none a limit can have.
pub(crate) fn api_limit(
    program: &Program,
    settings: &Settings,
    routes: &Arc<RouteTable>,
) -> Result<RateLimit, Failure> {
    let policy = settings.rate_limit.policy(NAME).map_err(anyhow::Error::from)?;
    let limit = RateLimit::new(policy)
        .by(settings.rate_limit.key.into())
        .except(&health(&settings.app.api_prefix))
        .with_routes(Arc::clone(routes));
    Ok(program.prefixes(settings).iter().fold(limit, |limit, prefix| limit.within(prefix)))
}

/// Whether the requests to a route are counted, for the API document.
pub(crate) fn is_limited(program: &Program, prefix: &str, pattern: &str) -> bool {
    let below = |place: &str| pattern.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'));
    let health = health(prefix);
    program.is_limited_root_route(pattern) || below(prefix) && pattern != health && !below(&health)
}

fn health(prefix: &str) -> String {
    format!("{prefix}/health")
}
