//! The rate limits of this server: what counts, and what is counted.

use std::sync::Arc;

use palisade_core::Clock;
use palisade_http::{
    rate_limit::{Limits, RateLimit},
    routes::RouteTable,
};
use palisade_ratelimit::{
    Backend, FallbackRateLimiter, LeasedRateLimiter, MeasuredRateLimiter, MemoryRateLimiter, RateLimiter,
    RedisRateLimiter, Timeline, Upkeep,
};
use palisade_redis::Redis;
use palisade_telemetry::metrics::Telemetry;

use crate::{domains::Services, failure::Failure, foundation::Foundation, settings::Settings};

/// The name of the API's own limit in headers and counters.
const NAME: &str = "api";

/// What counts the requests of this server: Redis for all processes together, where there is one and the settings do
/// not say otherwise, and the memory of this process while it is lost; else the memory alone.
#[must_use]
pub fn rate_limiter(
    settings: &Settings,
    redis: Option<&Redis>,
    clock: &dyn Clock,
    telemetry: &Arc<dyn Telemetry>,
) -> Arc<dyn RateLimiter> {
    let settings = &settings.rate_limit;
    let memory = MemoryRateLimiter::new(Timeline::steady(clock), settings.memory_options());
    match redis.filter(|_| settings.backend != Some(Backend::Memory)) {
        Some(redis) => {
            let shared = RedisRateLimiter::new(redis.clone());
            let guarded = FallbackRateLimiter::new(shared, memory, settings.replicas());
            guarded.status().measure(telemetry);
            match settings.lease() {
                Some(slice) => Arc::new(LeasedRateLimiter::new(guarded, Timeline::steady(clock), slice)),
                None => Arc::new(guarded),
            }
        }
        None => Arc::new(memory),
    }
}

/// What every limit of the server counts with: the API's, and those of single routes. Where limits are on, with the
/// task that has the limiter give memory back.
#[must_use]
pub fn limits(foundation: &Foundation, services: &Services) -> (Limits, Option<Upkeep>) {
    let Foundation { settings, clock, redis, .. } = foundation;
    if !settings.rate_limit_enabled() {
        return (Limits::off(), None);
    }
    let telemetry = &foundation.observability.telemetry;
    let limiter = rate_limiter(settings, redis.as_ref(), clock.as_ref(), telemetry);
    let limiter: Arc<dyn RateLimiter> = match settings.measures() {
        true => Arc::new(MeasuredRateLimiter::new(limiter, telemetry)),
        false => limiter,
    };
    let upkeep = Upkeep::start(Arc::clone(&limiter));
    let limits = Limits::new(limiter, Arc::clone(clock)).identified_by(Arc::new(services.auth.clone()));
    (limits, Some(upkeep))
}

/// The limit of the whole API, health excepted.
///
/// # Errors
/// When the settings are none a limit can have.
pub fn api_limit(settings: &Settings, routes: &Arc<RouteTable>) -> Result<RateLimit, Failure> {
    let policy = settings.rate_limit.policy(NAME).map_err(anyhow::Error::from)?;
    let prefix = &settings.app.api_prefix;
    Ok(RateLimit::new(policy)
        .by(settings.rate_limit.key.into())
        .within(prefix)
        .except(&health(prefix))
        .with_routes(Arc::clone(routes)))
}

/// Routes outside of the API that have limits of their own. The sign-in of earlier versions shares the limit of its
/// successor.
const LIMITED: [&str; 2] = ["/auth/login", "/setup/{token}"];

/// Whether the requests to a route are counted, for the API document.
pub(crate) fn is_limited(prefix: &str, pattern: &str) -> bool {
    let below = |place: &str| pattern.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'));
    let health = health(prefix);
    LIMITED.contains(&pattern) || below(prefix) && pattern != health && !below(&health)
}

fn health(prefix: &str) -> String {
    format!("{prefix}/health")
}
