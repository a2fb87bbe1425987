//! What every server has: domains of its own, made as anybody's are.

use palisade_openapi::{ERROR_TAGS, error_routes};

use crate::{caching, domain::Domain, edge, events, idempotency, limits, meta, security_alerts};

/// How many there are.
pub(crate) const COUNT: usize = 5;

/// They come before those of the program.
pub(crate) fn domains() -> [Domain; COUNT] {
    [health(), server(), kept_events(), kept_answers(), errors()]
}

fn health() -> Domain {
    Domain::new("health")
        .metrics(palisade_health::METRICS)
        .tags(palisade_health::routes::TAGS)
        .routes(palisade_health::routes::configure)
        .root_routes(palisade_health::routes::configure_root)
}

fn server() -> Domain {
    Domain::new("server")
        .reasons(palisade_ratelimit::REASONS)
        .reasons(palisade_resilience::REASONS)
        .reasons(edge::REASONS)
        .metrics(palisade_telemetry::METRICS)
        .metrics(palisade_telemetry::process::METRICS)
        .metrics(palisade_resilience::METRICS)
        .metrics(palisade_redis::METRICS)
        .metrics(palisade_database::METRICS)
        .metrics(palisade_cache::METRICS)
        .metrics(palisade_ratelimit::METRICS)
        .metrics(palisade_http::metrics::METRICS)
        .metrics(palisade_http::coders::METRICS)
        .metrics(security_alerts::METRICS)
        .tags(meta::TAGS)
        .routes(meta::configure)
        .service(caching::cache)
        .service(caching::caching)
        .service(limits::rate_limiter)
}

fn kept_events() -> Domain {
    Domain::new("events")
        .migrations(&palisade_events::MIGRATIONS)
        .metrics(palisade_events::METRICS)
        .service(events::units)
        .command(events::command())
}

fn kept_answers() -> Domain {
    Domain::new("idempotency")
        .migrations(&palisade_idempotency::MIGRATIONS)
        .reasons(palisade_idempotency::REASONS)
        .metrics(palisade_idempotency::METRICS)
        .service(idempotency::store)
        .service(idempotency::service)
        .in_transaction_if_told(idempotency::forgets_at_once)
        .after_commit_if_told("idempotency.forget_user", idempotency::forgets)
}

fn errors() -> Domain {
    Domain::new("errors").tags(ERROR_TAGS).root_routes(error_routes)
}
