//! Error responses of each operation.

mod samples;

use palisade_core::{
    Error, ErrorFormat, ErrorKind, FieldError,
    error::{Envelope, Problem, Reason},
    schema::text,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Content, Header, OpenApi, Ref, RefOr, Response,
        path::{Operation, ParameterIn, PathItem},
    },
};

use crate::{
    header::{header, number},
    idempotency,
    operations::operations_mut,
    routes::bearer_permissions,
};

/// Declares the error bodies and, on each operation, every status it can fail with. `reasons` are those that descriptions of
/// responses name.
pub(super) fn declare(openapi: &mut OpenApi, reasons: &[Reason]) {
    for (path, item) in &mut openapi.paths.paths {
        for operation in operations_mut(item) {
            for failure in FAILURES {
                if (failure.of)(operation) {
                    failure.declare_on(operation);
                }
            }
            for (status, response) in &mut operation.responses.responses {
                if let (Ok(status @ 400..), RefOr::T(response)) = (status.parse::<u16>(), response)
                    && response.content.is_empty()
                {
                    complete(response, &samples::of(status, &response.description, reasons), path);
                }
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
    for failure in FAILURES {
        let mut response = Response::new(failure.kind.entry().meaning);
        complete(&mut response, &[failure.sample()], SOMEWHERE);
        components.responses.insert(failure.name.to_owned(), response.into());
    }
}

/// Path in the samples that several operations share.
const SOMEWHERE: &str = "/api/v1/users/{id}";

/// The names of the shared responses that refuse a request.
pub(super) fn refusals() -> impl Iterator<Item = &'static str> {
    FAILURES.iter().filter(|failure| failure.status < 500).map(|failure| failure.name)
}

/// Failure that follows from the shape of an operation. Failures of its domain are declared by the operation itself.
struct Failure {
    status: u16,
    name: &'static str,
    kind: ErrorKind,
    detail: &'static str,
    of: fn(&Operation) -> bool,
}

impl Failure {
    fn sample(&self) -> Error {
        match self.kind {
            ErrorKind::Validation => {
                FieldError::new("email", "invalid_email", "must be an e-mail address").into()
            }
            kind => Error::new(kind, self.detail).with_status(self.status),
        }
    }

    fn declare_on(&self, operation: &mut Operation) {
        let declared = operation.responses.responses.entry(self.status.to_string());
        declared.or_insert_with(|| Ref::from_response_name(self.name).into());
    }
}

const FAILURES: &[Failure] = &[
    Failure {
        status: 400,
        name: "BadRequest",
        kind: ErrorKind::BadRequest,
        detail: "The body is not valid JSON",
        of: any,
    },
    Failure {
        status: 401,
        name: "Unauthorized",
        kind: ErrorKind::Unauthorized,
        detail: "The access token is not valid",
        of: is_guarded,
    },
    Failure {
        status: 403,
        name: "Forbidden",
        kind: ErrorKind::Forbidden,
        detail: "You lack the permission for this",
        of: is_guarded,
    },
    Failure {
        status: 404,
        name: "NotFound",
        kind: ErrorKind::NotFound,
        detail: "There is no such thing",
        of: names_a_thing,
    },
    Failure {
        status: 408,
        name: "RequestTimeout",
        kind: ErrorKind::Timeout,
        detail: "The body did not arrive in time",
        of: takes_a_body,
    },
    Failure {
        status: 409,
        name: "Conflict",
        kind: ErrorKind::Conflict,
        detail: "The same request is in progress",
        of: idempotency::is_declared,
    },
    Failure {
        status: 413,
        name: "PayloadTooLarge",
        kind: ErrorKind::PayloadTooLarge,
        detail: "The body is too large",
        of: takes_a_body,
    },
    Failure {
        status: 415,
        name: "UnsupportedMediaType",
        kind: ErrorKind::UnsupportedMediaType,
        detail: "The Content-Type must be application/json",
        of: takes_a_body,
    },
    Failure {
        status: 422,
        name: "ValidationError",
        kind: ErrorKind::Validation,
        detail: "Validation Failed",
        of: takes_values,
    },
    Failure {
        status: 429,
        name: "RateLimited",
        kind: ErrorKind::RateLimited,
        detail: "Too Many Requests",
        of: any,
    },
    Failure {
        status: 500,
        name: "InternalError",
        kind: ErrorKind::Internal,
        detail: "Internal Server Error",
        of: any,
    },
    Failure {
        status: 503,
        name: "ServiceUnavailable",
        kind: ErrorKind::ServiceUnavailable,
        detail: "The database does not answer",
        of: any,
    },
    Failure {
        status: 504,
        name: "Timeout",
        kind: ErrorKind::Timeout,
        detail: "The answer took too long",
        of: any,
    },
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

/// Adds both forms of the error body, each with samples as the renderer writes them at that path, and the headers that
/// such a failure always has.
fn complete(response: &mut Response, samples: &[Error], path: &str) {
    let forms = [
        (ErrorFormat::Envelope, Ref::from_schema_name(Envelope::name())),
        (ErrorFormat::Problem, Ref::from_schema_name(Problem::name())),
    ];
    for (format, schema) in forms {
        let mut content = Content::new(Some(schema));
        content.examples = samples.iter().map(|error| samples::shown(error, format, path)).collect();
        response.content.insert(format.media_type().to_owned(), content.into());
    }
    response.headers.extend(samples.first().and_then(|error| header_of(error.kind())));
}

fn header_of(kind: ErrorKind) -> Option<(String, RefOr<Header>)> {
    let (name, header) = match kind {
        ErrorKind::Unauthorized => {
            ("WWW-Authenticate", header(text(1..=1_024, "^Bearer"), "The scheme to use (RFC 6750 §3)."))
        }
        ErrorKind::RateLimited | ErrorKind::ServiceUnavailable => {
            ("Retry-After", header(number(u32::MAX.into()), "The seconds to wait."))
        }
        _ => return None,
    };
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
