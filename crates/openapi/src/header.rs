//! Descriptions of response headers.

use utoipa::openapi::{
    Header, KnownFormat, SchemaFormat,
    schema::{ObjectBuilder, Type},
};

/// A header with this schema.
pub(super) fn header(schema: ObjectBuilder, description: &str) -> Header {
    let mut header = Header::new(schema);
    header.description = Some(description.to_owned());
    header
}

/// A whole number from 0 to `most`.
pub(super) fn number(most: i64) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0))
        .maximum(Some(most))
}
