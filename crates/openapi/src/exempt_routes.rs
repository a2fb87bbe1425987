//! Routes that are answered even when others are refused.

use palisade_http::exempt_routes::ExemptRoutes;
use utoipa::openapi::OpenApi;

use crate::operations::operations;

/// The extension by which an operation says that it is exempt.
const EXTENSION: &str = "x-vital";

/// The routes that an API document exempts, by `extensions(("x-vital" = json!(true)))`.
#[must_use]
pub fn exempt_routes(openapi: &OpenApi) -> ExemptRoutes {
    let declares = operations(openapi).filter(|(.., operation)| {
        let extensions = operation.extensions.as_ref();
        extensions.and_then(|extensions| extensions.get(EXTENSION)?.as_bool()) == Some(true)
    });
    ExemptRoutes::new(declares.map(|(method, pattern, _)| (method, pattern)))
}
