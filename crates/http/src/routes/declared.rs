//! What an API document declares.

use actix_web::http::Method;
use serde_json::Value;
use utoipa::openapi::{OpenApi, PathItem, path::Operation, security::SecurityRequirement};

use super::Access;

/// Each operation of the document with who may call it.
pub(super) fn routes(openapi: &OpenApi) -> impl Iterator<Item = (Method, &str, Access)> {
    operations(openapi).map(|(method, pattern, operation)| (method, pattern, access(operation)))
}

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
#[cfg(feature = "docs")]
pub(crate) fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
    [get, put, post, delete, options, head, patch, trace].into_iter().filter_map(Option::as_mut)
}

/// The permissions that a requirement names, if it asks for a bearer token.
#[cfg(feature = "docs")]
pub(crate) fn bearer_permissions(requirement: &SecurityRequirement) -> Option<Vec<String>> {
    let schemes = serde_json::to_value(requirement).ok()?;
    serde_json::from_value(schemes.get("bearer")?.clone()).ok()
}

/// An operation that says nothing of security is nobody's: whoever writes a route must say who may call it. One that says
/// that it asks for nothing, by an empty list or by an empty requirement, is everybody's.
/// Alternatives may name different permissions; all of them are then asked for, which never grants more than
/// the document does.
fn access(operation: &Operation) -> Access {
    let Some(alternatives) = operation.security.as_deref() else { return Access::Undeclared };
    if alternatives.is_empty() {
        return Access::Public;
    }
    let mut permissions = Vec::new();
    for alternative in alternatives {
        match scopes(alternative) {
            None => return Access::Undeclared,
            Some(scopes) if scopes.is_empty() => return Access::Public,
            Some(scopes) => permissions.extend(scopes.into_iter().flatten()),
        }
    }
    permissions.sort_unstable();
    permissions.dedup();
    Access::Caller(permissions)
}

/// The scopes of each scheme that a requirement names. utoipa shows them in JSON only.
fn scopes(requirement: &SecurityRequirement) -> Option<Vec<Vec<String>>> {
    let Ok(Value::Object(schemes)) = serde_json::to_value(requirement) else { return None };
    schemes.into_values().map(|scopes| serde_json::from_value(scopes).ok()).collect()
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::path::OperationBuilder;

    use super::*;

    fn declared(requirements: impl IntoIterator<Item = SecurityRequirement>) -> Access {
        access(&OperationBuilder::new().securities(Some(requirements)).build())
    }

    #[test]
    fn security_says_who_may_call() {
        let bearer = |scopes: &[&str]| SecurityRequirement::new("bearer", scopes.to_vec());
        let read = || Access::Caller(vec!["users:read".to_owned()]);
        assert_eq!(declared([SecurityRequirement::default()]), Access::Public);
        assert_eq!(declared([bearer(&[])]), Access::Caller(Vec::new()));
        assert_eq!(declared([bearer(&["users:read"])]), read());
        assert_eq!(declared([bearer(&["users:read"]), bearer(&["users:read"])]), read());
        assert_eq!(declared([bearer(&["users:read"]), SecurityRequirement::default()]), Access::Public);
        assert_eq!(declared([]), Access::Public);
        assert_eq!(access(&Operation::new()), Access::Undeclared);
    }
}
