//! Every route with who may call it, as the API document declares it. What the document says is what is
//! enforced: the access layer and the fallback both read this table.

mod declared;

use std::{collections::HashMap, fmt};

use actix_router::ResourceDef;
use actix_web::http::Method;
use utoipa::openapi::OpenApi;

#[cfg(feature = "docs")]
pub(crate) use declared::{bearer_permissions, operations_mut};

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
    routes: HashMap<String, Vec<(Method, Access)>>,
    /// The patterns that hold parameters, for looking an address up by hand.
    dynamic: Vec<ResourceDef>,
}

impl RouteTable {
    /// The routes of an API document. A pattern must be one that actix-web takes.
    #[must_use]
    pub fn from_openapi(openapi: &OpenApi) -> Self {
        declared::routes(openapi)
            .fold(Self::default(), |table, (method, pattern, access)| table.with(method, pattern, access))
    }

    /// The same with one more route, for what stands in no document. It replaces one that is there.
    #[must_use]
    pub fn with(mut self, method: Method, pattern: impl Into<String>, access: Access) -> Self {
        let pattern = pattern.into();
        if pattern.contains('{') && !self.routes.contains_key(&pattern) {
            self.dynamic.push(ResourceDef::new(pattern.as_str()));
        }
        let methods = self.routes.entry(pattern).or_default();
        methods.retain(|(present, _)| *present != method);
        methods.push((method, access));
        self
    }

    /// The same with a route that anyone may call.
    #[must_use]
    pub fn with_public(self, method: Method, pattern: impl Into<String>) -> Self {
        self.with(method, pattern, Access::Public)
    }

    /// Who may call the route that actix-web matched; `HEAD` is `GET` without the body.
    #[must_use]
    pub fn access(&self, method: &Method, pattern: &str) -> &Access {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let methods = self.routes.get(pattern).map_or(&[][..], Vec::as_slice);
        let declared = methods.iter().find(|(present, _)| present == method);
        declared.map_or(&Access::Undeclared, |(_, access)| access)
    }

    /// The pattern that an address falls under: a fixed one before one with parameters, as a router would.
    /// Its cost grows with the number of routes, so it is for failures, not for each request.
    #[must_use]
    pub fn pattern(&self, path: &str) -> Option<&str> {
        if let Some((pattern, _)) = self.routes.get_key_value(path) {
            return Some(pattern);
        }
        self.dynamic.iter().find(|pattern| pattern.is_match(path))?.pattern()
    }

    /// The methods that the route at this address takes, for `Allow`: sorted, with `HEAD` beside `GET` and
    /// `OPTIONS`; none when no route has the address.
    #[must_use]
    pub fn allowed(&self, path: &str) -> Vec<&str> {
        let methods = self.pattern(path).and_then(|pattern| self.routes.get(pattern));
        let mut methods: Vec<&str> =
            methods.into_iter().flatten().map(|(method, _)| method.as_str()).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        if !methods.is_empty() {
            methods.push("OPTIONS");
        }
        methods.sort_unstable();
        methods.dedup();
        methods
    }

    /// Every route in order of pattern and method.
    pub fn iter(&self) -> impl Iterator<Item = (&Method, &str, &Access)> {
        let mut routes: Vec<_> = self
            .routes
            .iter()
            .flat_map(|(pattern, methods)| {
                methods.iter().map(move |(method, access)| (method, pattern.as_str(), access))
            })
            .collect();
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
        assert_eq!(table.pattern("/books/new"), Some("/books/new"));
        assert_eq!(table.pattern("/books/7"), Some("/books/{id}"));
        assert_eq!(table.pattern("/books/7/pages"), None);
        assert_eq!(table.allowed("/books/7"), ["GET", "HEAD", "OPTIONS", "PATCH"]);
        assert_eq!(table.allowed("/books"), ["OPTIONS", "POST"]);
        assert!(table.allowed("/films").is_empty());
    }

    #[test]
    fn a_route_is_listed_once_in_order() {
        let table = table().with_public(Method::POST, "/books");
        let listed: Vec<_> = table.iter().map(|(method, pattern, _)| format!("{method} {pattern}")).collect();
        assert_eq!(listed, ["POST /books", "GET /books/new", "GET /books/{id}", "PATCH /books/{id}"]);
    }
}
