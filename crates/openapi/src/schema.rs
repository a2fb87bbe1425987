//! Schemas of headers and pages, for `headers(…)`, `params(…)` and `body` in `#[utoipa::path]`.
//!
//! Each is a name for the document alone: no value of it is ever made.
//!
//! ```
//! use palisade_openapi::schema;
//!
//! #[utoipa::path(
//!     get, path = "/books/{id}",
//!     params(("If-None-Match" = inline(Option<schema::IfNoneMatch>), Header)),
//!     responses((status = 200, description = "The book", headers(("ETag" = inline(schema::ETag))))),
//! )]
//! fn book() {}
//! # let _ = book;
//! ```

use palisade_core::error::CATALOGUE;
use palisade_http::etag::Condition;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

/// The schema of the path that a `Location` header names.
#[derive(Debug)]
pub enum Location {}

/// The schema of the header `ETag`.
#[derive(Debug)]
pub enum ETag {}

/// The schema of the header `If-Match`.
#[derive(Debug)]
pub enum IfMatch {}

/// The schema of the header `If-None-Match`.
#[derive(Debug)]
pub enum IfNoneMatch {}

/// The schema of a page in HTML.
#[derive(Debug)]
pub enum HtmlPage {}

/// The schema of the end of the address of an error's page.
#[derive(Debug)]
pub enum ErrorSlug {}

impl PartialSchema for ErrorSlug {
    fn schema() -> RefOr<Schema> {
        let slugs = CATALOGUE.iter().map(|entry| entry.kind.slug());
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(slugs)).into()
    }
}

impl ToSchema for ErrorSlug {}

impl HtmlPage {
    /// The longest page that is made here, in bytes.
    pub const MAX_LENGTH: usize = 64 * 1_024;
}

/// The longest head of a request: what is longer is a 431.
const MAX_HEAD: usize = 64 * 1_024;

palisade_core::text_schema! {
    Location as "Location", 1..=1_024, "^/", "Where something is found.",
    "/api/v1/users/01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11", format "uri-reference",
}
palisade_core::text_schema! {
    HtmlPage as "HtmlPage", 1..=HtmlPage::MAX_LENGTH, "^<!", "A page in HTML.", "<!doctype html>", format "html",
}
palisade_core::text_schema! {
    ETag as "ETag", 34..=36, "^(W/)?\"[0-9a-f]{32}\"$", "The version of what is answered (RFC 9110 §8.8.3).",
    "\"6c62272e07bb014262b821756295c58d\"",
}
palisade_core::text_schema! {
    IfMatch as "IfMatch", 1..=Condition::MAX_LENGTH,
    r#"^(\*|[ \t,]*(W/)?"[!#-~]*"([ \t]*,[ \t,]*(W/)?"[!#-~]*")*[ \t,]*)$"#,
    "The `ETag` of the version that is meant, several by comma, or `*` for any (RFC 9110 §13.1.1).",
    "\"6c62272e07bb014262b821756295c58d\"",
}
palisade_core::text_schema! {
    IfNoneMatch as "IfNoneMatch", 0..=MAX_HEAD, r"^[\t -~]*$",
    "The `ETag` of the version that is at hand, several by comma. What cannot be read is ignored (RFC 9110 §13.1.2).",
    "\"6c62272e07bb014262b821756295c58d\"",
}
