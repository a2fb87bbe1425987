//! Routes that are answered even when others are refused.

use palisade_http::vital::Vital;
use utoipa::openapi::OpenApi;

use crate::operations::operations;

/// The extension by which an operation says that it is vital.
const EXTENSION: &str = "x-vital";

/// The routes that an API document declares as vital, by `extensions(("x-vital" = json!(true)))`.
#[must_use]
pub fn vital(openapi: &OpenApi) -> Vital {
    let declares = operations(openapi).filter(|(.., operation)| {
        let extensions = operation.extensions.as_ref();
        extensions.and_then(|extensions| extensions.get(EXTENSION)?.as_bool()) == Some(true)
    });
    Vital::new(declares.map(|(method, pattern, _)| (method, pattern)))
}
