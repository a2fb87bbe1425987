//! Which route a request will be given to.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use actix_router::ResourceDef;
use actix_web::{
    HttpMessage,
    dev::{ResourceMap, ServiceRequest},
};

use super::{Route, RouteTable, pattern_of};

/// The routes whose pattern is their only path, by that path.
///
/// actix-web looks for a route by trying one pattern after the other, and which one takes a path depends on
/// nothing but the path. So for a path that is a pattern itself the answer is looked up once and kept.
#[derive(Debug, Default, Clone)]
pub(super) struct Fixed(OnceLock<HashMap<String, Arc<Route>, foldhash::fast::RandomState>>);

impl Fixed {
    fn get(&self, table: &RouteTable, map: &ResourceMap, path: &str) -> Option<Arc<Route>> {
        let fixed = self.0.get_or_init(|| {
            let its_own = |path: &String| map.match_pattern(path).as_ref() == Some(path);
            let routes = table.routes.iter().filter(|(pattern, _)| its_own(pattern));
            routes.map(|(pattern, route)| (pattern.clone(), Arc::clone(route))).collect()
        });
        fixed.get(path).cloned()
    }
}

/// What was found for a request, kept with it for the layers to come.
#[derive(Clone)]
struct Matched(Option<Arc<Route>>);

impl RouteTable {
    /// The route that will be given the request, `None` when there is none. It is found once, for all layers.
    /// A route that the table does not know is one without methods.
    ///
    /// The table must be that of the application, whichever layer asks.
    #[must_use]
    pub fn matched(&self, request: &ServiceRequest) -> Option<Arc<Route>> {
        if let Some(Matched(route)) = request.extensions().get() {
            return route.clone();
        }
        let route = self.look_up(request);
        request.extensions_mut().insert(Matched(route.clone()));
        route
    }

    fn look_up(&self, request: &ServiceRequest) -> Option<Arc<Route>> {
        let path = request.match_info().as_str();
        if let Some(route) = self.fixed.get(self, request.resource_map(), path) {
            return Some(route);
        }
        let pattern = pattern_of(request)?;
        let declared = self.routes.get(&pattern).cloned();
        Some(declared.unwrap_or_else(|| Arc::new(Route::undeclared(pattern))))
    }
}

/// The route of a request that has been answered, for those who tell of it.
#[cfg(any(feature = "log", feature = "metrics", feature = "request-id"))]
pub(crate) enum Answered {
    /// A layer has found it.
    Found(Arc<Route>),
    /// No layer has looked: the pattern that actix-web matched.
    Pattern(String),
}

#[cfg(any(feature = "log", feature = "metrics", feature = "request-id"))]
impl Answered {
    /// The route by which `request` was answered, `None` when no pattern matched or the request was lost.
    pub(crate) fn of(request: &actix_web::HttpRequest) -> Option<Self> {
        let found = request.extensions().get::<Matched>().and_then(|Matched(route)| route.clone());
        found.map(Self::Found).or_else(|| request.match_pattern().map(Self::Pattern))
    }

    /// Its pattern.
    pub(crate) fn pattern(&self) -> &str {
        match self {
            Self::Found(route) => route.pattern(),
            Self::Pattern(pattern) => pattern,
        }
    }
}

/// A pattern with parameters, for looking an address up by hand.
pub(super) fn dynamic(pattern: &str) -> Option<ResourceDef> {
    pattern.contains('{').then(|| ResourceDef::new(pattern))
}
