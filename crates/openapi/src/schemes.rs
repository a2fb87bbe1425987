//! Security schemes.

use std::collections::BTreeMap;

use utoipa::openapi::{
    Components, OpenApi,
    path::Operation,
    security::{
        Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityRequirement, SecurityScheme,
    },
};

use crate::{operations::operations_mut, routes::bearer_permissions};

/// Writes `security: []` for an operation that is open to anyone. Some generators of clients require a token for `[{}]`.
fn open(operation: &mut Operation) {
    let anyone = SecurityRequirement::default();
    if operation.security.as_ref().is_some_and(|requirements| requirements.contains(&anyone)) {
        operation.security = Some(Vec::new());
    }
}

/// Declares `bearer` and `oauth2`, and offers both wherever one is accepted. They are the same token; with `oauth2` the
/// viewer can log in.
pub(super) fn declare(openapi: &mut OpenApi, login: &str) {
    let mut permissions = BTreeMap::new();
    for operation in openapi.paths.paths.values_mut().flat_map(operations_mut) {
        open(operation);
        permissions.extend(offer_oauth2(operation).into_iter().map(|name| (name.clone(), name)));
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "The access token that signing in gives: a JWT, made and verified as RFC8725 advises.",
        ))
        .build();
    let password = Flow::Password(Password::new(login, Scopes::from_iter(permissions)));
    let components = openapi.components.get_or_insert_with(Components::new);
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let mut oauth2 = OAuth2::new([password]);
    oauth2.description =
        Some("The same token, asked for by a form: a JWT, made and verified as RFC8725 advises.".to_owned());
    components.add_security_scheme("oauth2", SecurityScheme::OAuth2(oauth2));
}

/// Adds `oauth2` as an alternative. Returns the permissions that the operation requires.
fn offer_oauth2(operation: &mut Operation) -> Vec<String> {
    let requirements = operation.security.as_deref().unwrap_or_default();
    let Some(permissions) = requirements.iter().find_map(bearer_permissions) else { return Vec::new() };
    let alternative = SecurityRequirement::new("oauth2", permissions.clone());
    if let Some(requirements) = &mut operation.security
        && !requirements.contains(&alternative)
    {
        requirements.push(alternative);
    }
    permissions
}
