//! Rate limits: of a whole API as a layer of its stack, of a route or a scope where it is declared.
//!
//! ```
//! use actix_web::{App, HttpResponse, post, web};
//! use palisade_http::rate_limit::{By, Quota, limit};
//!
//! #[post("/orders", wrap = "limit(\"orders\", Quota::per_minute(5).with_burst(10))")]
//! async fn order() -> HttpResponse {
//!     HttpResponse::NoContent().finish()
//! }
//!
//! let reports = limit("reports", Quota::per_minute(10)).also(Quota::per_day(200)).by(By::User).cost(2);
//! let app = App::new().service(order).service(web::scope("/reports").wrap(reports));
//! # let _ = app;
//! ```
//!
//! Whoever is over the limit gets 429 `rate_limited` with `Retry-After`, before authentication and before the
//! body is read; whoever is not learns from the headers what is left.
//!
//! Attempts with credentials have [`credential_limit`].
//!
//! Counting is the work of a [`RateLimiter`](palisade_ratelimit::RateLimiter) that the application provides once,
//! in [`Limits`].

mod by;
mod callers;
mod headers;
mod limits;
mod lines;
mod scope;
mod tier;

use std::{fmt, num::NonZeroU32, sync::Arc};

use actix_web::{
    Error as ActixError, HttpMessage,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
};
use palisade_core::{Error, Principal};
pub use palisade_ratelimit::{Algorithm, InvalidPolicy, LimitKey, Policy, Quota};

use crate::{
    layer::{Layer, Layered, Next, Outcome, refuse},
    logged::OverPolicy,
    routes::RouteTable,
};
pub use by::{By, Custom};
pub use callers::{Asking, Callers};
use headers::Standing;
use limits::Counting;
pub use limits::Limits;
use scope::Scope;
pub use tier::{RoleTiers, Tier, Tiers};

/// A limit with that name and quota, for `.wrap(…)` of a route, a resource or a scope. Routes that are limited
/// under one name share one count.
#[must_use]
pub fn limit(name: &str, quota: Quota) -> RateLimit {
    RateLimit::of(Policy::new(name, Algorithm::default(), [quota]))
}

/// The same for attempts with credentials: passwords, refresh tokens, links that work once. Such a limit is a promise about
/// how many can be tried, so it counts a sliding window and has no burst: no span as long as the window ever holds more
/// than the quota.
///
/// ```
/// use palisade_http::rate_limit::{Quota, credential_limit};
///
/// let login = credential_limit("login", Quota::per_minute(10)).also(Quota::per_hour(100));
/// # let _ = login;
/// ```
#[must_use]
pub fn credential_limit(name: &str, quota: Quota) -> RateLimit {
    RateLimit::of(Policy::new(name, Algorithm::SlidingWindow, [quota.with_burst(0)]))
}

/// The layer that lets a client do only so much in a time.
///
/// It finds the application's [`Limits`] in the app data. Without any it counts in a memory of its own, which its
/// clones share; with [`Limits::off`] it lets everything pass.
#[derive(Clone)]
pub struct RateLimit {
    /// A policy that cannot be is told by answering 500: a limit that is not there must not go unnoticed.
    tier: Result<Arc<Tier>, InvalidPolicy>,
    by: By,
    cost: NonZeroU32,
    scope: Scope,
    tiers: Option<Arc<dyn Tiers>>,
    own: Limits,
}

impl RateLimit {
    /// Limits each client address by this policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self::of(Ok(policy))
    }

    fn of(policy: Result<Policy, InvalidPolicy>) -> Self {
        Self {
            tier: policy.map(Tier::new).map(Arc::new),
            by: By::Ip,
            cost: NonZeroU32::MIN,
            scope: Scope::default(),
            tiers: None,
            own: Limits::own(),
        }
    }

    /// The same, counting by something else than the client's address.
    #[must_use]
    pub fn by(self, by: By) -> Self {
        Self { by, ..self }
    }

    /// The same, where one request counts as `cost` of them; 0 counts as 1.
    #[must_use]
    pub fn cost(self, cost: u32) -> Self {
        Self { cost: NonZeroU32::new(cost).unwrap_or(NonZeroU32::MIN), ..self }
    }

    /// The same with one more quota, at most four in all. A request passes only if each of them lets it.
    #[must_use]
    pub fn also(self, quota: Quota) -> Self {
        self.change(|policy| {
            Policy::new(policy.name(), policy.algorithm(), [policy.quotas(), &[quota]].concat())
        })
    }

    /// The same, counting by another algorithm.
    #[must_use]
    pub fn algorithm(self, algorithm: Algorithm) -> Self {
        self.change(|policy| Policy::new(policy.name(), algorithm, policy.quotas()))
    }

    /// The same, with policies of their own for some callers.
    #[must_use]
    pub fn tiers(self, tiers: Arc<dyn Tiers>) -> Self {
        Self { tiers: Some(tiers), ..self }
    }

    /// The same, for nothing but the routes under `prefix`, and the addresses under it where no route is. For a
    /// layer that stands around a whole application, outside of what it routes. Each call adds a prefix.
    #[must_use]
    pub fn within(self, prefix: &str) -> Self {
        Self { scope: self.scope.within(prefix), ..self }
    }

    /// The same, never for the route with this pattern and those below it.
    #[must_use]
    pub fn except(self, pattern: &str) -> Self {
        Self { scope: self.scope.except(pattern), ..self }
    }

    /// The same, where one request to the route with this pattern counts as `cost` of them.
    #[must_use]
    pub fn cost_of(self, pattern: &str, cost: u32) -> Self {
        Self { scope: self.scope.cost_of(pattern, cost), ..self }
    }

    /// The same, finding routes in the application's table, where they are looked up once for all layers.
    #[must_use]
    pub fn with_routes(self, table: Arc<RouteTable>) -> Self {
        Self { scope: self.scope.with_routes(table), ..self }
    }

    fn change(self, change: impl FnOnce(&Policy) -> Result<Policy, InvalidPolicy>) -> Self {
        let tier = self.tier.and_then(|tier| change(tier.policy())).map(Tier::new).map(Arc::new);
        Self { tier, ..self }
    }

    /// Counts the request; `None` when it is not of those that are limited.
    async fn count(&self, request: &ServiceRequest) -> Result<Option<Standing>, Error> {
        let limits = request.app_data::<Limits>().unwrap_or(&self.own);
        let Some(counting) = limits.counting() else { return Ok(None) };
        let Some(cost) = self.scope.cost(request, self.cost) else { return Ok(None) };
        let (key, tier) = self.whose(counting, request).await;
        let usual = || self.tier.as_ref().map(Arc::clone);
        let tier = tier.map_or_else(usual, Ok).map_err(|invalid| Error::internal(*invalid))?;
        let decision = counting.limiter.check(tier.policy(), &key, cost).await?;
        Ok(Some(Standing::new(tier, decision, counting.clock.now())))
    }

    /// For whom the request is counted, and by which tier if not by the limit's own.
    async fn whose(&self, counting: &Counting, request: &ServiceRequest) -> (LimitKey, Option<Arc<Tier>>) {
        let by_caller = self.by.needs_caller() || self.tiers.is_some();
        let asked = match &counting.callers {
            Some(callers) if by_caller && !request.extensions().contains::<Principal>() => {
                callers.caller(request).await
            }
            _ => None,
        };
        let special = match (&self.by, &counting.callers) {
            (By::Custom(function), _) => function(request),
            (By::ApiKey, Some(callers)) => callers.api_key(request).await,
            _ => None,
        };
        let extensions = request.extensions();
        let caller = extensions.get::<Principal>().or(asked.as_deref());
        let key = special.unwrap_or_else(|| self.by.key(request, caller));
        (key, self.tiers.as_ref().and_then(|tiers| tiers.tier(caller)))
    }
}

impl Layer for RateLimit {
    async fn handle<N: Next>(&self, request: ServiceRequest, next: N) -> Outcome {
        let standing = match self.count(&request).await {
            Ok(Some(standing)) => standing,
            Ok(None) => return next.call(request).await,
            Err(error) => return refuse(request, error),
        };
        let refusal = standing.refusal();
        let is_over = refusal.is_some();
        let outcome = match refusal {
            None => next.call(request).await,
            Some(error) => refuse(request, error),
        };
        outcome.map(|mut response| {
            standing.write(response.headers_mut());
            if is_over {
                let policy = standing.policy().to_owned();
                response.response_mut().extensions_mut().insert(OverPolicy(policy));
            }
            response
        })
    }
}

/// So that `.wrap(limit(…))` needs nothing more.
impl<S, B> Transform<S, ServiceRequest> for RateLimit
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = ActixError> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = ActixError;
    type Transform = <Layered<Self> as Transform<S, ServiceRequest>>::Transform;
    type InitError = ();
    type Future = <Layered<Self> as Transform<S, ServiceRequest>>::Future;

    fn new_transform(&self, service: S) -> Self::Future {
        self.clone().layered().new_transform(service)
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit").field("tier", &self.tier).field("by", &self.by).finish_non_exhaustive()
    }
}
