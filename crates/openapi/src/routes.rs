//! Who may call which route.

use palisade_http::routes::{Access, RouteTable};
use serde_json::Value;
use utoipa::openapi::{OpenApi, path::Operation, security::SecurityRequirement};

use crate::operations::operations;

/// The routes that an API document declares, with who may call each. A pattern must be one that actix-web takes.
#[must_use]
pub fn route_table(openapi: &OpenApi) -> RouteTable {
    operations(openapi).fold(RouteTable::default(), |table, (method, pattern, operation)| {
        table.with(method, pattern, access(operation))
    })
}

/// The permissions that a requirement names, if it asks for a bearer token.
pub(crate) fn bearer_permissions(requirement: &SecurityRequirement) -> Option<Vec<String>> {
    let schemes = serde_json::to_value(requirement).ok()?;
    serde_json::from_value(schemes.get("bearer")?.clone()).ok()
}

/// An operation without `security` is closed: its author must say who may call it. One with an empty list or an empty
/// requirement is open to anyone.
/// Alternatives may name different permissions. All of them are then required, which never grants more than the document
/// does.
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

/// The scopes of each scheme that a requirement names. utoipa gives them in JSON only.
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
