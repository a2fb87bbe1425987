//! Routes that go away, announced on each of their answers.

mod announced;

use std::{collections::HashMap, sync::Arc};

use actix_router::ResourceDef;
use actix_web::{
    dev::ServiceRequest,
    http::{
        Method,
        header::{HeaderName, HeaderValue},
    },
};
use chrono::NaiveDate;

use crate::{
    layer::{EarlyResponse, Hook, Outcome},
    routes::pattern_of,
};
pub use announced::InvalidDeprecation;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// What is announced of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation {
    /// Since when it is deprecated, from midnight UTC.
    pub since: NaiveDate,
    /// When it stops being served, from midnight UTC, if that is decided.
    pub sunset: Option<NaiveDate>,
    /// The address of what replaces it, if anything does.
    pub successor: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Each deprecated route with what is announced of it.
///
/// ```
/// use actix_web::http::Method;
/// use palisade_http::deprecation::{Deprecation, Deprecations};
///
/// let since = "2026-11-20".parse()?;
/// let deprecations =
///     Deprecations::default().with(Method::GET, "/old", Deprecation::new(since, None, Some("/new"))?);
/// assert!(deprecations.layer().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Deprecations(Arc<HashMap<(Method, String), Deprecation>>);

impl Deprecations {
    /// The same with one more route.
    #[must_use]
    pub fn with(mut self, method: Method, pattern: impl Into<String>, deprecation: Deprecation) -> Self {
        Arc::make_mut(&mut self.0).insert((method, pattern.into()), deprecation);
        self
    }

    /// These and those of another version of the API.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        Arc::make_mut(&mut self.0)
            .extend(other.0.iter().map(|(route, found)| (route.clone(), found.clone())));
        self
    }

    /// What is announced of the route, if it is deprecated. `HEAD` is `GET`.
    #[must_use]
    pub fn get(&self, method: &Method, pattern: &str) -> Option<&Deprecation> {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let mut routes = self.0.iter();
        routes.find_map(|((at, route), found)| (at == method && route == pattern).then_some(found))
    }

    /// The layer that announces them; none when there is nothing to announce.
    #[must_use]
    pub fn layer(&self) -> Option<Announcer> {
        let patterns: Arc<[_]> =
            self.0.keys().map(|(_, pattern)| ResourceDef::new(pattern.as_str())).collect();
        (!patterns.is_empty()).then(|| Announcer { patterns, deprecations: self.clone() })
    }
}

/// The layer that adds `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link` with `rel="successor-version"`
/// (RFC 5829 §3.2) to every answer of a deprecated route, whoever gives it: the handler, or a layer inside of
/// this one that refuses. Made by [`Deprecations::layer`].
#[derive(Clone)]
pub struct Announcer {
    /// The patterns of the deprecated routes. An address that fits none of them, which is nearly every one,
    /// needs no further look.
    patterns: Arc<[ResourceDef]>,
    deprecations: Deprecations,
}

impl Announcer {
    fn of(&self, request: &ServiceRequest) -> Option<&Deprecation> {
        let path = request.match_info().as_str();
        if !self.patterns.iter().any(|pattern| pattern.is_match(path)) {
            return None;
        }
        self.deprecations.get(request.method(), &pattern_of(request)?)
    }
}

impl Hook for Announcer {
    type Kept<'a> = Option<&'a Deprecation>;

    fn before(&self, request: &mut ServiceRequest) -> Result<Option<&Deprecation>, EarlyResponse> {
        Ok(self.of(request))
    }

    fn after(&self, found: Option<&Deprecation>, mut outcome: Outcome) -> Outcome {
        if let (Some(found), Ok(response)) = (found, &mut outcome) {
            for (name, value) in &found.headers {
                // A handler may have links of its own.
                response.headers_mut().append(name.clone(), value.clone());
            }
        }
        outcome
    }
}

impl std::fmt::Debug for Announcer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Announcer").field(&self.deprecations).finish()
    }
}
