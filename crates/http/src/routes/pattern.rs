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

/// Whether `pattern` is `place` or below it.
#[cfg(any(feature = "rate-limit", feature = "request-logging"))]
pub(crate) fn is_at(place: &str, pattern: &str) -> bool {
    pattern.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(all(test, any(feature = "rate-limit", feature = "request-logging")))]
mod tests {
    use super::*;

    #[test]
    fn a_place_ends_at_a_slash() {
        assert!(is_at("/api", "/api") && is_at("/api", "/api/users/{id}"));
        assert!(!is_at("/api", "/apis") && !is_at("/api", "/") && !is_at("/api/v1", "/api"));
    }
}
