//! Schemas of headers and pages, for `headers(…)`, `params(…)` and `body` in `#[utoipa::path]`.
//!
//! They are markers: no value of them exists.
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

/// Schema of the header `Location`: a path.
#[derive(Debug)]
pub enum Location {}

/// Schema of the header `ETag`.
#[derive(Debug)]
pub enum ETag {}

/// Schema of the header `If-Match`.
#[derive(Debug)]
pub enum IfMatch {}

/// Schema of the header `If-None-Match`.
#[derive(Debug)]
pub enum IfNoneMatch {}

/// Schema of a page in HTML.
#[derive(Debug)]
pub enum HtmlPage {}

/// Schema of the slug in the address of an error's page.
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
    /// Longest page, in bytes.
    pub const MAX_LENGTH: usize = 64 * 1_024;
}

/// Longest request head in bytes; a longer one is answered with 431.
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
