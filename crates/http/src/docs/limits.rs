//! What the API document says of rate limits.

use palisade_core::Kind;
use utoipa::openapi::{
    Components, Header, OpenApi, Ref, RefOr, Response,
    schema::{ObjectBuilder, Type},
};

use super::responses;
use crate::routes::operations_mut;

const NAME: &str = "RateLimited";

/// The headers of each response of a limited operation.
const HEADERS: [(&str, Type, &str); 5] = [
    (
        "X-RateLimit-Limit",
        Type::Integer,
        "How many requests the tightest limit lets a rested client send at once: its limit and its burst.",
    ),
    ("X-RateLimit-Remaining", Type::Integer, "How many of them are left."),
    (
        "X-RateLimit-Reset",
        Type::Integer,
        "When it is whole again, or on a 429 when to come back: seconds since 1970.",
    ),
    (
        "RateLimit-Policy",
        Type::String,
        "Every limit of the operation: a list of RFC 9651, `\"api\";q=70;w=60;burst=10`. `q` counts the burst; limits on \
         credentials have none.",
    ),
    ("RateLimit", Type::String, "What is left of each and for how long, in seconds: `\"api\";r=69;t=1`."),
];

/// Declares 429 and the headers of limits on each operation whose path `is_limited`.
pub fn declare_limits(openapi: &mut OpenApi, is_limited: impl Fn(&str) -> bool) {
    let limited = openapi.paths.paths.iter_mut().filter(|(path, _)| is_limited(path));
    for operation in limited.flat_map(|(_, item)| operations_mut(item)) {
        let responses = &mut operation.responses.responses;
        for response in responses.values_mut() {
            if let RefOr::T(response) = response {
                refer(response);
            }
        }
        responses.entry("429".to_owned()).or_insert_with(|| Ref::from_response_name(NAME).into());
    }
    let components = openapi.components.get_or_insert_with(Components::new);
    for (name, schema, description) in HEADERS {
        components.headers.insert(name.to_owned(), header(schema, description).into());
    }
    let mut refusal = Response::new(Kind::RateLimited.entry().meaning);
    responses::complete(&mut refusal);
    refusal.headers.insert("Retry-After".to_owned(), header(Type::Integer, "The seconds to wait.").into());
    refer(&mut refusal);
    components.responses.insert(NAME.to_owned(), refusal.into());
}

fn refer(response: &mut Response) {
    for (name, ..) in HEADERS {
        let declared = Ref::new(format!("#/components/headers/{name}"));
        response.headers.insert(name.to_owned(), RefOr::Ref(declared));
    }
}

fn header(schema: Type, description: &str) -> Header {
    let mut header = Header::new(ObjectBuilder::new().schema_type(schema));
    header.description = Some(description.to_owned());
    header
}
