//! Routes that are exempt from limits, as the API document declares them.

use palisade_http::exempt_routes::ExemptRoutes;
use utoipa::openapi::OpenApi;

use crate::operations::operations;

/// The OpenAPI extension that marks an operation as exempt.
const EXTENSION: &str = "x-exempt-from-limits";

/// The exempt routes of an API document: operations with `extensions(("x-exempt-from-limits" = json!(true)))`.
#[must_use]
pub fn exempt_routes(openapi: &OpenApi) -> ExemptRoutes {
    let declares = operations(openapi).filter(|(.., operation)| {
        let extensions = operation.extensions.as_ref();
        extensions.and_then(|extensions| extensions.get(EXTENSION)?.as_bool()) == Some(true)
    });
    ExemptRoutes::new(declares.map(|(method, pattern, _)| (method, pattern)))
}
