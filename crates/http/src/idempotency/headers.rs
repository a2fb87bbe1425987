//! Which headers belong to what was done, and which to one exchange.

use actix_web::http::header::HeaderName;

/// Made anew for each response, by the layers outside or by the connection.
const OF_ONE_EXCHANGE: &[&str] = &[
    "age",
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "server-timing",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-process-time",
    "x-request-id",
];

/// A cookie may open a session: it is for the one it was set for.
const SECRET: &[&str] = &["set-cookie"];

/// Families of headers that tell of one exchange: what is left of an allowance, who may read it.
const PREFIXES: &[&str] = &["access-control-", "ratelimit", "x-ratelimit"];

/// Whether a replay has the header too.
pub(super) fn is_kept(name: &HeaderName) -> bool {
    let name = name.as_str();
    !OF_ONE_EXCHANGE.contains(&name)
        && !SECRET.contains(&name)
        && !PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
