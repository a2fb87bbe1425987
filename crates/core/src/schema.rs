//! Schemas for the API document, made of the constants that their parsers use.
//!
//! ```
//! use palisade_core::text_schema;
//! use utoipa::{PartialSchema, openapi::{RefOr, Schema}};
//!
//! struct Isbn;
//!
//! impl Isbn {
//!     const LENGTH: usize = 13;
//! }
//!
//! text_schema! { Isbn as "Isbn", Isbn::LENGTH..=Isbn::LENGTH, "^[0-9]+$", "Thirteen digits.", "9780141439518" }
//!
//! let RefOr::T(Schema::Object(schema)) = Isbn::schema() else { panic!("it is an object") };
//! assert_eq!((schema.min_length, schema.max_length), (Some(13), Some(13)));
//! ```

use std::ops::RangeInclusive;

use utoipa::openapi::{ObjectBuilder, schema::Type};

/// The schema of a text with that many code points, in which `pattern` is found (ECMA-262).
#[must_use]
pub fn text(length: RangeInclusive<usize>, pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(*length.start()).filter(|least| *least > 0))
        .max_length(Some(*length.end()))
        .pattern(Some(pattern))
}

/// Writes `ToSchema` for a type that is read from a text: its name in the API document, the number of its code points,
/// the pattern that is found in it, its description and an example.
#[macro_export]
macro_rules! text_schema {
    ($type:ty as $name:literal, $length:expr, $pattern:expr, $description:expr, $example:expr $(, format $format:literal)?
     $(,)?) => {
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let schema = $crate::schema::text($length, AsRef::<str>::as_ref(&$pattern)).description(Some($description));
                $(let schema = schema.format(Some(utoipa::openapi::SchemaFormat::Custom($format.to_owned())));)?
                schema.examples([$example]).into()
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    };
}

/// Writes `ToSchema` for a type that is one of several: its name in the API document, its description, and those types.
#[macro_export]
macro_rules! one_of_schema {
    ($type:ty as $name:literal, $description:expr, $($one:ty),+ $(,)?) => {
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::OneOfBuilder::new()
                    $(.item(utoipa::openapi::Ref::from_schema_name(<$one as utoipa::ToSchema>::name())))+
                    .description(Some($description))
                    .into()
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn schemas(
                schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
            ) {
                $(
                    schemas.push((<$one as utoipa::ToSchema>::name().into_owned(), <$one as utoipa::PartialSchema>::schema()));
                    <$one as utoipa::ToSchema>::schemas(schemas);
                )+
            }
        }
    };
}
