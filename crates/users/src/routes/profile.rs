//! Routes for the user itself, and for who may see and change others.

use actix_web::{HttpResponse, get, patch, web::Data};
use palisade_auth::http::Caller;
use palisade_core::{UserId, id};
use palisade_http::extract::{Body, Later, PathId, Preconditions};
use palisade_openapi::schema;

use super::answer;
use crate::{Found, User, UserChange, Users};

/// Get the caller
///
/// Whose access token it is.
#[utoipa::path(
    tag = "users",
    operation_id = "users_me",
    security(("bearer" = [])),
    params(("If-None-Match" = inline(Option<schema::IfNoneMatch>), Header, description = "The ETag of the version that is at hand")),
    responses(
        (status = 200, description = "The caller", body = User, headers(
            ("ETag" = inline(schema::ETag), description = "The version, for If-Match and If-None-Match"),
        )),
        (status = 304, description = "The version at hand is the present one"),
        (status = 412, description = "Not the version named in `If-Match`: `users.changed`"),
        (status = 431, description = "The headers are over 64 KiB together"),
    )
)]
#[get("/users/me")]
pub(super) async fn me(
    users: Data<Users>,
    Caller(caller): Caller,
    conditions: Preconditions,
) -> palisade_http::Result<HttpResponse> {
    Ok(answer::found(&conditions, &users.me(&caller).await?)?)
}

/// Change the caller
///
/// Changes the caller's e-mail address, username or name.
#[utoipa::path(
    tag = "users",
    operation_id = "users_update_me",
    security(("bearer" = [])),
    params(("If-Match" = inline(Option<schema::IfMatch>), Header, description = "Change only this version")),
    request_body = UserChange,
    responses(
        (status = 200, description = "The caller after the change", body = User, headers(
            ("ETag" = inline(schema::ETag), description = "The new version"),
        )),
        (status = 403, description = "Not the caller's to set: `users.field_forbidden`"),
        (status = 409, description = "`users.email_taken`, `users.username_taken`, `users.last_admin` or `users.busy`"),
        (status = 412, description = "No longer that version: `users.changed`"),
    )
)]
#[patch("/users/me")]
pub(super) async fn update_me(
    users: Data<Users>,
    Caller(caller): Caller,
    conditions: Preconditions,
    Body(change): Body<UserChange>,
) -> palisade_http::Result<HttpResponse> {
    let user = users.update(&caller, caller.user_id()?, &change, answer::expected(conditions)).await?;
    Ok(answer::present(&user))
}

/// Get a user
///
/// For the user itself and for administrators.
#[utoipa::path(
    tag = "users",
    operation_id = "users_get",
    security(("bearer" = [])),
    params(
        ("id" = inline(UserId), Path, description = "The user's id"),
        ("If-None-Match" = inline(Option<schema::IfNoneMatch>), Header, description = "The ETag of the version that is at hand"),
    ),
    responses(
        (status = 200, description = "The user", body = User, headers(
            ("ETag" = inline(schema::ETag), description = "The version, for If-Match and If-None-Match"),
        )),
        (status = 304, description = "The version at hand is the present one"),
        (status = 403, description = "Someone else, be there such a user or not: `users.not_yours`"),
        (status = 404, description = "There is no such user: `users.not_found`"),
        (status = 412, description = "Not the version named in `If-Match`: `users.changed`"),
        (status = 431, description = "The headers are over 64 KiB together"),
    )
)]
#[get("/users/{id}")]
pub(super) async fn get(
    users: Data<Users>,
    Caller(caller): Caller,
    PathId(id): PathId<id::User>,
    conditions: Preconditions,
) -> palisade_http::Result<HttpResponse> {
    let Found { user, lookup } = users.get(&caller, id).await?;
    let mut response = answer::found(&conditions, &user)?;
    if let Some(lookup) = lookup {
        answer::cache_status(lookup).note(&mut response);
    }
    Ok(response)
}

/// Change a user
///
/// Users change their own e-mail address, username and name; administrators change everything.
#[utoipa::path(
    tag = "users",
    operation_id = "users_update",
    security(("bearer" = [])),
    params(
        ("id" = inline(UserId), Path, description = "The user's id"),
        ("If-Match" = inline(Option<schema::IfMatch>), Header, description = "Change only this version"),
    ),
    request_body = UserChange,
    responses(
        (status = 200, description = "The user after the change", body = User, headers(
            ("ETag" = inline(schema::ETag), description = "The new version"),
        )),
        (status = 403, description = "`users.not_yours` or `users.field_forbidden`"),
        (status = 404, description = "There is no such user: `users.not_found`"),
        (status = 409, description = "`users.email_taken`, `users.username_taken`, `users.last_admin` or `users.busy`"),
        (status = 412, description = "No longer that version: `users.changed`"),
    )
)]
#[patch("/users/{id}")]
pub(super) async fn update(
    users: Data<Users>,
    Caller(caller): Caller,
    PathId(id): PathId<id::User>,
    conditions: Preconditions,
    body: Later<Body<UserChange>>,
) -> palisade_http::Result<HttpResponse> {
    users.may_update(&caller, id)?;
    let Body(change) = body.read().await?;
    let user = users.update(&caller, id, &change, answer::expected(conditions)).await?;
    Ok(answer::present(&user))
}
