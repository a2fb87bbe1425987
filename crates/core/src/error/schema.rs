//! What the API document says of the texts in an error body.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::{CATALOGUE, FieldError};
use crate::RequestId;

/// The name of a kind of error.
pub(super) enum ErrorCode {}

/// The id of a request.
pub(super) enum RequestIdText {}

/// A domain's name for what happened.
pub(super) enum ReasonName {}

/// What led to a fault.
#[derive(ToSchema)]
#[schema(as = ErrorCauses, max_items = 20)]
#[expect(dead_code, reason = "it is read by the API document only")]
pub(super) struct Causes(Vec<Cause>);

enum Cause {}

/// Each field that broke a rule.
#[derive(ToSchema)]
#[schema(as = ErrorFields, max_items = 100)]
#[expect(dead_code, reason = "it is read by the API document only")]
pub(super) struct ErrorFields(Vec<FieldError>);

crate::text_schema! {
    RequestIdText as "RequestId", 1..=RequestId::MAX_LENGTH, "^[A-Za-z0-9_.:-]+$",
    "Under what name the request is found in the log: that of the client's `X-Request-ID`, or a new one.",
    "01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11",
}
crate::text_schema! {
    ReasonName as "ErrorReason", 3..=100, r"^[a-z_]+(\.[a-z_]+)+$",
    "What happened in the words of one part of the server. New ones may come.", "users.email_taken",
}
crate::text_schema! {
    Cause as "ErrorCause", 0..=1_025, r"^[\s\S]*$", "One error of a chain.", "the connection was closed",
}

impl PartialSchema for ErrorCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(CATALOGUE.iter().map(|entry| entry.code)))
            .description(Some("The stable name of a kind of error; `/errors` explains each."))
            .into()
    }
}

impl ToSchema for ErrorCode {}
