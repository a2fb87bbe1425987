//! `GET` and `PUT /log-level`.

use actix_web::{
    get, put,
    web::{Data, Json},
};
use palisade_core::{Error, FieldError, Parse};
use palisade_http::{Result, extract::Body};
use palisade_telemetry::{LogHandle, check_level};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{foundation::Foundation, log_level::change};

/// The least level that is logged, or filter directives.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LogLevel {
    /// Such as `info`, or `info,palisade_auth=debug`.
    #[schema(example = "info,palisade_auth=debug")]
    level: String,
}

/// What is to be logged from now on.
#[derive(Debug, Deserialize, Validate, ToSchema)]
pub(super) struct NewLogLevel {
    /// `error`, `warn`, `info`, `debug`, `trace`, `off`, or filter directives such as `info,palisade_auth=debug`.
    #[schema(value_type = String, example = "debug")]
    level: Directives,
}

#[derive(Debug)]
struct Directives(String);

impl Parse for Directives {
    fn parse(text: &str) -> std::result::Result<Self, FieldError> {
        check_level(text).map_err(|error| FieldError::unplaced("invalid_level", error.to_string()))?;
        Ok(Self(text.to_owned()))
    }
}

palisade_core::parsed! { Directives, "info" }

/// What is logged at present.
#[utoipa::path(
    tag = "management",
    operation_id = "log_level",
    security(()),
    responses((status = 200, description = "The present level", body = LogLevel))
)]
#[get("/log-level")]
pub(super) async fn log_level(foundation: Data<Foundation>) -> Result<Json<LogLevel>> {
    Ok(Json(LogLevel { level: logs(&foundation)?.level() }))
}

/// Changes what is logged, from the next event on and until the program ends or reloads its settings.
#[utoipa::path(
    tag = "management",
    operation_id = "set_log_level",
    security(()),
    request_body = NewLogLevel,
    responses((status = 200, description = "The new level", body = LogLevel))
)]
#[put("/log-level")]
pub(super) async fn set_log_level(
    foundation: Data<Foundation>,
    Body(wanted): Body<NewLogLevel>,
) -> Result<Json<LogLevel>> {
    let (logs, Directives(wanted)) = (logs(&foundation)?, wanted.level);
    change(logs, &wanted).map_err(Error::internal)?;
    Ok(Json(LogLevel { level: logs.level() }))
}

fn logs(foundation: &Foundation) -> Result<&LogHandle> {
    let logs = foundation.observability().logs.as_ref();
    Ok(logs.ok_or_else(|| Error::not_found("The program that embeds this server has logs of its own"))?)
}
