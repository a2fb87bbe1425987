//! Bounds that derived schemas lack: the length of dates and times, and that a parameter is never null.

use utoipa::openapi::{
    KnownFormat, OpenApi, RefOr, Required, Schema, SchemaFormat,
    path::Parameter,
    schema::{ArrayItems, Object, SchemaType, Type},
};

use crate::operations::operations_mut;

/// From `2026-11-30T15:04:05Z` to `2026-11-30T15:04:05.123456789Z` (RFC 3339 §5.6).
const DATE_TIME: (usize, usize) = (20, 30);

/// Adds the bounds to each schema and each parameter.
pub(super) fn declare(openapi: &mut OpenApi) {
    for operation in openapi.paths.paths.values_mut().flat_map(operations_mut) {
        for parameter in operation.parameters.iter_mut().flatten() {
            if let RefOr::T(parameter) = parameter {
                never_null(parameter);
                without_example(parameter);
            }
        }
    }
    for schema in openapi.components.iter_mut().flat_map(|components| components.schemas.values_mut()) {
        within(schema);
    }
}

/// A client leaves a parameter out instead of sending null, so `Option<T>` is described as `T`.
fn never_null(parameter: &mut Parameter) {
    if let Some(RefOr::T(Schema::OneOf(one))) = &mut parameter.schema {
        one.items.retain(|item| !is_null(item));
        if one.items.len() == 1 {
            parameter.schema = one.items.pop();
        }
    }
}

/// Removes examples of optional parameters: viewers fill them in, and the request fails with a made-up version or cursor.
fn without_example(parameter: &mut Parameter) {
    if let (Required::False, Some(RefOr::T(Schema::Object(object)))) =
        (&parameter.required, &mut parameter.schema)
    {
        object.examples.clear();
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}

fn within(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            if is_date_time(object) {
                (object.min_length, object.max_length) = (Some(DATE_TIME.0), Some(DATE_TIME.1));
            }
            object.properties.values_mut().for_each(within);
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                within(items);
            }
        }
        RefOr::T(Schema::OneOf(one)) => one.items.iter_mut().for_each(within),
        _ => {}
    }
}

const fn is_date_time(object: &Object) -> bool {
    matches!(object.format, Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}
