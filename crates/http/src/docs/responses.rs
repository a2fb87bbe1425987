//! The errors of each operation.

use palisade_core::{FieldError, Kind};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Content, Header, OpenApi, Ref, RefOr, Response, Schema,
        path::{Operation, ParameterIn, PathItem},
        schema::{ObjectBuilder, Type},
    },
};

use super::idempotency;
use crate::{
    error::{Envelope, ErrorFormat, Problem},
    routes::{bearer_permissions, operations_mut},
};

/// Declares the bodies of errors and, on each operation, every status it can fail with.
pub(super) fn declare(openapi: &mut OpenApi) {
    for operation in openapi.paths.paths.values_mut().flat_map(operations_mut) {
        for failure in FAILURES {
            if (failure.of)(operation) {
                failure.declare_on(operation);
            }
        }
        for (status, response) in &mut operation.responses.responses {
            if let (Ok(400..), RefOr::T(response)) = (status.parse::<u16>(), response)
                && response.content.is_empty()
            {
                complete(response);
            }
        }
    }
    // The layers look at what is sent along before anybody knows that the operation takes none.
    for PathItem { post, put, patch, .. } in openapi.paths.paths.values_mut() {
        for operation in [post, put, patch].into_iter().flatten() {
            let of_bodies = FAILURES.iter().filter(|failure| matches!(failure.status, 413 | 415));
            of_bodies.for_each(|failure| failure.declare_on(operation));
        }
    }
    let components = openapi.components.get_or_insert_with(Components::new);
    declare_schemas(components);
    for Failure { name, kind, .. } in FAILURES {
        let mut response = Response::new(kind.entry().meaning);
        complete(&mut response);
        response.headers.extend(headers(*kind));
        components.responses.insert((*name).to_owned(), response.into());
    }
}

/// A way in which an operation can fail by its shape; those of its domain it declares itself.
struct Failure {
    status: u16,
    name: &'static str,
    kind: Kind,
    of: fn(&Operation) -> bool,
}

impl Failure {
    fn declare_on(&self, operation: &mut Operation) {
        let declared = operation.responses.responses.entry(self.status.to_string());
        declared.or_insert_with(|| Ref::from_response_name(self.name).into());
    }
}

const FAILURES: &[Failure] = &[
    Failure { status: 400, name: "BadRequest", kind: Kind::BadRequest, of: any },
    Failure { status: 401, name: "Unauthorized", kind: Kind::Unauthorized, of: is_guarded },
    Failure { status: 403, name: "Forbidden", kind: Kind::Forbidden, of: is_guarded },
    Failure { status: 404, name: "NotFound", kind: Kind::NotFound, of: names_a_thing },
    Failure { status: 408, name: "RequestTimeout", kind: Kind::Timeout, of: takes_a_body },
    Failure { status: 409, name: "Conflict", kind: Kind::Conflict, of: idempotency::is_declared },
    Failure { status: 413, name: "PayloadTooLarge", kind: Kind::PayloadTooLarge, of: takes_a_body },
    Failure { status: 415, name: "UnsupportedMediaType", kind: Kind::UnsupportedMediaType, of: takes_a_body },
    Failure { status: 422, name: "ValidationError", kind: Kind::Validation, of: takes_values },
    Failure { status: 429, name: "RateLimited", kind: Kind::RateLimited, of: any },
    Failure { status: 500, name: "InternalError", kind: Kind::Internal, of: any },
    Failure { status: 503, name: "ServiceUnavailable", kind: Kind::ServiceUnavailable, of: any },
    Failure { status: 504, name: "Timeout", kind: Kind::Timeout, of: any },
];

const fn any(_: &Operation) -> bool {
    true
}

fn is_guarded(operation: &Operation) -> bool {
    operation.security.iter().flatten().any(|requirement| bearer_permissions(requirement).is_some())
}

const fn takes_a_body(operation: &Operation) -> bool {
    operation.request_body.is_some()
}

fn names_a_thing(operation: &Operation) -> bool {
    has_parameter(operation, &ParameterIn::Path)
}

fn takes_values(operation: &Operation) -> bool {
    takes_a_body(operation)
        || names_a_thing(operation)
        || has_parameter(operation, &ParameterIn::Query)
        || idempotency::is_declared(operation)
}

fn has_parameter(operation: &Operation, place: &ParameterIn) -> bool {
    let parameters = operation.parameters.iter().flatten();
    parameters.into_iter().any(|one| matches!(one, RefOr::T(parameter) if parameter.parameter_in == *place))
}

/// The two forms of the body.
pub(super) fn complete(response: &mut Response) {
    let forms = [
        (ErrorFormat::Envelope, Ref::from_schema_name(Envelope::name())),
        (ErrorFormat::Problem, Ref::from_schema_name(Problem::name())),
    ];
    for (format, schema) in forms {
        response.content.insert(format.media_type().to_owned(), Content::new(Some(schema)).into());
    }
}

/// The headers that a kind never comes without.
fn headers(kind: Kind) -> Option<(String, RefOr<Header>)> {
    let (name, description, schema_type) = match kind {
        Kind::Unauthorized => ("WWW-Authenticate", "The scheme to use.", Type::String),
        Kind::RateLimited | Kind::ServiceUnavailable => {
            ("Retry-After", "The seconds to wait.", Type::Integer)
        }
        _ => return None,
    };
    let schema: Schema = ObjectBuilder::new().schema_type(schema_type).into();
    let mut header = Header::new(schema);
    header.description = Some(description.to_owned());
    Some((name.to_owned(), header.into()))
}

fn declare_schemas(components: &mut Components) {
    let mut schemas = vec![
        (Envelope::name().into_owned(), Envelope::schema()),
        (Problem::name().into_owned(), Problem::schema()),
        (FieldError::name().into_owned(), FieldError::schema()),
    ];
    Envelope::schemas(&mut schemas);
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_is_a_row_of_the_catalogue() {
        for Failure { status, kind, .. } in FAILURES {
            assert!(kind.status() == *status || kind.entry().also.contains(status), "{status}");
        }
    }
}
