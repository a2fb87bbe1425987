//! The routes that are answered even when others are refused.

use std::sync::Arc;

use actix_web::{dev::ServiceRequest, http::Method};

use crate::routes::pattern_of;

/// Routes that are answered even when others are refused, such as health probes: a server that is full must
/// not look dead. Routes are known by method and by the pattern that matched, so no other spelling of an
/// address gets in with them; `HEAD` is `GET`.
///
/// ```
/// use actix_web::http::Method;
/// use palisade_http::exempt_routes::ExemptRoutes;
///
/// let exempt = ExemptRoutes::new([(Method::GET, "/health")]);
/// assert_eq!(exempt.iter().count(), 1);
/// ```
#[derive(Debug, Clone, Default)]
pub struct ExemptRoutes(Arc<[(Method, String)]>);

impl ExemptRoutes {
    /// These routes: for each its method and its pattern.
    #[must_use]
    pub fn new(routes: impl IntoIterator<Item = (Method, impl Into<String>)>) -> Self {
        Self(routes.into_iter().map(|(method, pattern)| (method, pattern.into())).collect())
    }

    /// Every one of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Method, &str)> {
        self.0.iter().map(|(method, pattern)| (method, pattern.as_str()))
    }

    /// Whether the request is for one of them.
    #[must_use]
    pub fn covers(&self, request: &ServiceRequest) -> bool {
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        if self.0.iter().all(|(present, _)| present != method) {
            return false;
        }
        let Some(matched) = pattern_of(request) else { return false };
        self.0.iter().any(|(present, pattern)| present == method && *pattern == *matched)
    }
}
