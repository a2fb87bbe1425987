//! The errors of each operation.

use std::collections::BTreeSet;

use palisade_core::{FieldError, Kind};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Content, Header, OpenApi, Ref, RefOr, Response, Schema,
        path::{Operation, Parameter, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

use crate::{
    error::{Envelope, ErrorFormat, Problem},
    routes::{bearer_permissions, operations_mut},
};

/// Declares the bodies of errors and, on each operation, every status it can fail with.
pub(super) fn declare(openapi: &mut OpenApi) {
    for operation in openapi.paths.paths.values_mut().flat_map(operations_mut) {
        for kind in kinds(operation) {
            let entry = operation.responses.responses.entry(kind.status().to_string());
            entry.or_insert_with(|| Ref::from_response_name(component(kind)).into());
        }
        for (status, response) in &mut operation.responses.responses {
            if let (Ok(400..), RefOr::T(response)) = (status.parse::<u16>(), response)
                && response.content.is_empty()
            {
                complete(response);
            }
        }
    }
    let components = openapi.components.get_or_insert_with(Components::new);
    declare_schemas(components);
    for kind in COMMON {
        let mut response = Response::new(kind.entry().meaning);
        complete(&mut response);
        response.headers.extend(headers(*kind));
        components.responses.insert(component(*kind), response.into());
    }
}

/// The kinds that an operation can give by its shape; those of its domain it declares itself.
const COMMON: &[Kind] = &[
    Kind::BadRequest,
    Kind::Unauthorized,
    Kind::Forbidden,
    Kind::NotFound,
    Kind::PayloadTooLarge,
    Kind::UnsupportedMediaType,
    Kind::Validation,
    Kind::Internal,
    Kind::ServiceUnavailable,
    Kind::Timeout,
];

fn kinds(operation: &Operation) -> Vec<Kind> {
    let mut kinds = vec![Kind::BadRequest, Kind::Internal, Kind::ServiceUnavailable, Kind::Timeout];
    if operation.security.iter().flatten().any(|one| bearer_permissions(one).is_some()) {
        kinds.extend([Kind::Unauthorized, Kind::Forbidden]);
    }
    if operation.request_body.is_some() {
        kinds.extend([Kind::PayloadTooLarge, Kind::UnsupportedMediaType, Kind::Validation]);
    }
    let places: BTreeSet<&str> = operation.parameters.iter().flatten().filter_map(place).collect();
    if places.contains("path") {
        kinds.extend([Kind::NotFound, Kind::Validation]);
    }
    if places.contains("query") {
        kinds.push(Kind::Validation);
    }
    kinds
}

fn place(parameter: &RefOr<Parameter>) -> Option<&'static str> {
    match parameter {
        RefOr::T(Parameter { parameter_in: ParameterIn::Path, .. }) => Some("path"),
        RefOr::T(Parameter { parameter_in: ParameterIn::Query, .. }) => Some("query"),
        _ => None,
    }
}

/// The name of a kind's response among the components, such as `NotFound`.
fn component(kind: Kind) -> String {
    kind.code().split('_').map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// The two forms of the body.
fn complete(response: &mut Response) {
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
        Kind::ServiceUnavailable => ("Retry-After", "The seconds to wait.", Type::Integer),
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
    fn components_are_named_after_their_codes() {
        assert_eq!(component(Kind::UnsupportedMediaType), "UnsupportedMediaType");
        assert_eq!(component(Kind::NotFound), "NotFound");
    }

    #[test]
    fn whatever_an_operation_can_fail_with_is_among_the_components() {
        let operation = Operation::new();
        assert!(kinds(&operation).iter().all(|kind| COMMON.contains(kind)));
    }
}
