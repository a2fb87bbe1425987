//! The operations of an API document.

use actix_web::http::Method;
use utoipa::openapi::{OpenApi, PathItem, path::Operation};

/// Each operation of the document with its method and its pattern.
pub(crate) fn operations(openapi: &OpenApi) -> impl Iterator<Item = (Method, &str, &Operation)> {
    openapi.paths.paths.iter().flat_map(|(pattern, item)| {
        of_path(item).map(|(method, operation)| (method, pattern.as_str(), operation))
    })
}

fn of_path(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::DELETE, &item.delete),
        (Method::OPTIONS, &item.options),
        (Method::HEAD, &item.head),
        (Method::PATCH, &item.patch),
        (Method::TRACE, &item.trace),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

/// The operations of a path, to be completed.
pub(crate) fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
    [get, put, post, delete, options, head, patch, trace].into_iter().filter_map(Option::as_mut)
}
