//! Which requests a limit counts, and as how many.

use std::{collections::HashMap, num::NonZeroU32, sync::Arc};

use actix_web::dev::ServiceRequest;

use crate::routes::{Route, RouteTable, is_at, pattern_of};

/// The routes that a limit counts. They are told by the pattern that the router matches, never by how a client
/// has spelled the path: `/%61pi/…` is `/api/…`.
#[derive(Clone, Default)]
pub(super) struct Scope {
    table: Option<Arc<RouteTable>>,
    /// Without any, whatever meets the layer.
    prefixes: Vec<String>,
    exceptions: Vec<String>,
    costs: HashMap<String, NonZeroU32>,
}

impl Scope {
    pub(super) fn with_routes(self, table: Arc<RouteTable>) -> Self {
        Self { table: Some(table), ..self }
    }

    pub(super) fn within(mut self, prefix: &str) -> Self {
        self.prefixes.push(prefix.to_owned());
        self
    }

    pub(super) fn except(mut self, pattern: &str) -> Self {
        self.exceptions.push(pattern.to_owned());
        self
    }

    pub(super) fn cost_of(mut self, pattern: &str, cost: u32) -> Self {
        self.costs.insert(pattern.to_owned(), NonZeroU32::new(cost).unwrap_or(NonZeroU32::MIN));
        self
    }

    /// As how many requests this one counts; `None` when it is not counted.
    pub(super) fn cost(&self, request: &ServiceRequest, usual: NonZeroU32) -> Option<NonZeroU32> {
        if self.prefixes.is_empty() && self.exceptions.is_empty() && self.costs.is_empty() {
            return Some(usual);
        }
        match self.table.as_ref().map(|table| table.matched(request)) {
            Some(route) => self.cost_at(request, route.as_deref().map(Route::pattern), usual),
            None => self.cost_at(request, pattern_of(request).as_deref(), usual),
        }
    }

    fn cost_at(
        &self,
        request: &ServiceRequest,
        pattern: Option<&str>,
        usual: NonZeroU32,
    ) -> Option<NonZeroU32> {
        match pattern {
            Some(pattern) => {
                let counted = self.holds(pattern) && !self.exceptions.iter().any(|at| is_at(at, pattern));
                counted.then(|| self.costs.get(pattern).copied().unwrap_or(usual))
            }
            // No handler stands there; who looks for one is counted all the same.
            None => self.holds(request.match_info().as_str()).then_some(usual),
        }
    }

    fn holds(&self, pattern: &str) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| is_at(prefix, pattern))
    }
}
