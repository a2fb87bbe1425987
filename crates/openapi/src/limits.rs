//! Rate limits in the API document.

use palisade_core::schema::text;
use utoipa::openapi::{Components, OpenApi, Ref, RefOr, Response, schema::ObjectBuilder};

use crate::{
    header::{header, number},
    operations::operations_mut,
    responses,
};

/// A name with its parameters (RFC 9651 §3.1).
const POLICY: &str =
    r#"^"[^"]+";q=[0-9]+;w=[0-9]+(;burst=[0-9]+)?(, "[^"]+";q=[0-9]+;w=[0-9]+(;burst=[0-9]+)?)*$"#;
const STATE: &str = r#"^"[^"]+";r=[0-9]+;t=[0-9]+(, "[^"]+";r=[0-9]+;t=[0-9]+)*$"#;
/// Longest header that common HTTP servers accept, in bytes.
const LONGEST: usize = 8 * 1_024;

/// The headers of each response of a limited operation.
fn headers() -> [(&'static str, ObjectBuilder, &'static str); 5] {
    [
        (
            "X-RateLimit-Limit",
            number(u32::MAX.into()),
            "How many requests the tightest limit lets a rested client send at once: its limit and its burst.",
        ),
        ("X-RateLimit-Remaining", number(u32::MAX.into()), "How many of them are left."),
        (
            "X-RateLimit-Reset",
            number(END_OF_TIME),
            "When it is whole again, or on a 429 when to come back: seconds since 1970.",
        ),
        (
            "RateLimit-Policy",
            text(1..=LONGEST, POLICY),
            "Every limit of the operation: a list of RFC 9651, `\"api\";q=70;w=60;burst=10`. `q` counts the burst; limits \
             on credentials have none.",
        ),
        (
            "RateLimit",
            text(1..=LONGEST, STATE),
            "What is left of each and for how long, in seconds: `\"api\";r=69;t=1`.",
        ),
    ]
}

/// The last second that has four digits for its year.
const END_OF_TIME: i64 = 253_402_300_799;

/// Declares the headers of rate limits on each operation whose path `is_limited`, and on the shared refusals.
pub fn declare_limits(openapi: &mut OpenApi, is_limited: impl Fn(&str) -> bool) {
    let limited = openapi.paths.paths.iter_mut().filter(|(path, _)| is_limited(path));
    for operation in limited.flat_map(|(_, item)| operations_mut(item)) {
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                refer(response);
            }
        }
    }
    let components = openapi.components.get_or_insert_with(Components::new);
    for (name, schema, description) in headers() {
        components.headers.insert(name.to_owned(), header(schema, description).into());
    }
    for name in responses::refusals() {
        if let Some(RefOr::T(refusal)) = components.responses.get_mut(name) {
            refer(refusal);
        }
    }
}

fn refer(response: &mut Response) {
    for (name, ..) in headers() {
        let declared = Ref::new(format!("#/components/headers/{name}"));
        response.headers.insert(name.to_owned(), RefOr::Ref(declared));
    }
}
