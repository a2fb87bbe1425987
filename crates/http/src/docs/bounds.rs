//! How long dates and times are, which their format does not say.

use utoipa::openapi::{
    KnownFormat, OpenApi, RefOr, Schema, SchemaFormat,
    schema::{ArrayItems, Object},
};

/// From `2026-11-30T15:04:05Z` to `2026-11-30T15:04:05.123456789Z` (RFC 3339 §5.6).
const DATE_TIME: (usize, usize) = (20, 30);

/// Says it of each schema.
pub(super) fn declare(openapi: &mut OpenApi) {
    for schema in openapi.components.iter_mut().flat_map(|components| components.schemas.values_mut()) {
        within(schema);
    }
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
