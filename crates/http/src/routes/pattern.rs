//! Which route a request is for, before it has been routed.

use actix_web::dev::ServiceRequest;

/// The pattern of the route that a request is for, as actix-web's router will find it. It may be asked in any
/// layer of the app, and costs more the more routes there are: where there is a table of routes, it is asked through
/// that, once for all layers.
pub(crate) fn pattern_of(request: &ServiceRequest) -> Option<String> {
    // The path as the router sees it, percent-decoded. `match_pattern()` of a request that is not yet
    // routed goes by the raw path, in which `/%61pi` is no route and would slip through.
    request.resource_map().match_pattern(request.match_info().as_str())
}
