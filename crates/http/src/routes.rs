//! Every route with who may call it, as the program says or its API document (`palisade-openapi` reads it). The access layer
//! and the fallback both read this table.

mod matched;
mod pattern;
mod route;
#[cfg(any(feature = "renderer", feature = "request-id", feature = "request-logging"))]
mod shown;

use std::{collections::HashMap, fmt, sync::Arc};

use actix_router::ResourceDef;
use actix_web::http::Method;

#[cfg(any(feature = "log", feature = "metrics", feature = "request-id"))]
pub(crate) use matched::Answered;
#[cfg(any(feature = "rate-limit", feature = "request-logging"))]
pub(crate) use pattern::is_at;
pub(crate) use pattern::pattern_of;
pub use route::Route;
#[cfg(feature = "renderer")]
pub(crate) use shown::shown;
#[cfg(any(feature = "request-id", feature = "request-logging"))]
pub(crate) use shown::shown_path;

use matched::Fixed;

/// Who may call a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Anyone: `security(())`.
    Public,
    /// A caller with all of these permissions; any caller when there are none: `security(("bearer" = […]))`.
    Caller(Vec<String>),
    /// Nobody: the document does not say.
    Undeclared,
}

/// The routes of an application by the pattern that actix-web matches.
#[derive(Default, Clone)]
pub struct RouteTable {
    routes: HashMap<String, Arc<Route>>,
    /// The patterns that hold parameters, for looking an address up by hand.
    dynamic: Vec<ResourceDef>,
    fixed: Fixed,
}

impl RouteTable {
    /// The same with one more route. It replaces one that is there.
    #[must_use]
    pub fn with(mut self, method: Method, pattern: impl Into<String>, access: Access) -> Self {
        let pattern = pattern.into();
        if !self.routes.contains_key(&pattern) {
            self.dynamic.extend(matched::dynamic(&pattern));
        }
        let route = self.routes.entry(pattern.clone()).or_insert_with(|| Route::undeclared(pattern).into());
        Arc::make_mut(route).declare(method, access);
        // What was found so far may be found no more.
        Self { fixed: Fixed::default(), ..self }
    }

    /// The same with a route that anyone may call.
    #[must_use]
    pub fn with_public(self, method: Method, pattern: impl Into<String>) -> Self {
        self.with(method, pattern, Access::Public)
    }

    /// Who may call the route that actix-web matched.
    #[must_use]
    pub fn access(&self, method: &Method, pattern: &str) -> &Access {
        self.routes.get(pattern).map_or(&Access::Undeclared, |route| route.access(method))
    }

    /// The route that an address falls under: a fixed one before one with parameters, as a router would.
    /// Its cost grows with the number of routes, so it is for failures, not for each request.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Route> {
        let dynamic = || self.dynamic.iter().find(|pattern| pattern.is_match(path))?.pattern();
        self.routes.get(path).or_else(|| self.routes.get(dynamic()?)).map(AsRef::as_ref)
    }

    /// Every route in order of pattern and method.
    pub fn iter(&self) -> impl Iterator<Item = (&Method, &str, &Access)> {
        let mut routes: Vec<_> = self.routes.values().flat_map(|route| route.iter()).collect();
        routes.sort_by_key(|(method, pattern, _)| (*pattern, method.as_str()));
        routes.into_iter()
    }
}

impl fmt::Debug for RouteTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> RouteTable {
        RouteTable::default()
            .with_public(Method::GET, "/books/{id}")
            .with(Method::PATCH, "/books/{id}", Access::Caller(vec!["books:write".to_owned()]))
            .with(Method::GET, "/books/new", Access::Caller(Vec::new()))
            .with_public(Method::POST, "/books")
    }

    #[test]
    fn what_is_not_declared_is_nobody_s() {
        let table = table();
        assert_eq!(*table.access(&Method::GET, "/books/{id}"), Access::Public);
        assert_eq!(*table.access(&Method::HEAD, "/books/{id}"), Access::Public);
        assert_eq!(*table.access(&Method::DELETE, "/books/{id}"), Access::Undeclared);
        assert_eq!(*table.access(&Method::GET, "/films"), Access::Undeclared);
        assert_eq!(*table.access(&Method::HEAD, "/books"), Access::Undeclared);
    }

    #[test]
    fn addresses_lead_to_patterns_and_methods() {
        let table = table();
        let pattern = |path| table.find(path).map(Route::pattern);
        assert_eq!(pattern("/books/new"), Some("/books/new"));
        assert_eq!(pattern("/books/7"), Some("/books/{id}"));
        assert_eq!(pattern("/books/7/pages"), None);
        let allowed = |path| table.find(path).unwrap().allowed();
        assert_eq!(allowed("/books/7"), ["GET", "HEAD", "OPTIONS", "PATCH"]);
        assert_eq!(allowed("/books"), ["OPTIONS", "POST"]);
    }

    #[test]
    fn a_route_is_listed_once_in_order() {
        let table = table().with_public(Method::POST, "/books");
        let listed: Vec<_> = table.iter().map(|(method, pattern, _)| format!("{method} {pattern}")).collect();
        assert_eq!(listed, ["POST /books", "GET /books/new", "GET /books/{id}", "PATCH /books/{id}"]);
    }
}
