//! Routes for who manages users.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web::Data};
use palisade_auth::http::Caller;
use palisade_core::{Page, id};
use palisade_http::extract::{Body, PathId, Preconditions, Query};

use super::answer;
use crate::{ListUsers, NewUser, User, Users};

/// A page of users.
#[utoipa::path(
    tag = "users",
    operation_id = "users_list",
    security(("bearer" = ["users:read"])),
    params(ListUsers),
    responses((status = 200, description = "A page", body = Page<User>))
)]
#[get("/users")]
pub(super) async fn list(
    users: Data<Users>,
    Query(asked): Query<ListUsers>,
) -> palisade_http::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(users.list(asked).await?))
}

/// Adds a user.
#[utoipa::path(
    tag = "users",
    operation_id = "users_create",
    security(("bearer" = ["users:write"])),
    request_body = NewUser,
    responses(
        (status = 201, description = "Added", body = User, headers(
            ("Location" = String, description = "Where the user is found"),
            ("ETag" = String, description = "The version, for If-Match"),
        )),
        (status = 409, description = "Taken: `users.email_taken` or `users.username_taken`"),
    )
)]
#[post("/users")]
pub(super) async fn create(
    users: Data<Users>,
    Caller(caller): Caller,
    request: HttpRequest,
    Body(body): Body<NewUser>,
) -> palisade_http::Result<HttpResponse> {
    Ok(answer::created(&request, "/users", &users.create(&caller, body).await?))
}

/// Removes a user and ends every session.
#[utoipa::path(
    tag = "users",
    operation_id = "users_delete",
    security(("bearer" = ["users:write"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The user's id"),
        ("If-Match" = Option<String>, Header, description = "Remove only this version"),
    ),
    responses(
        (status = 204, description = "Removed"),
        (status = 404, description = "There is no such user: `users.not_found`"),
        (status = 409, description = "The last active administrator: `users.last_admin`; or `users.busy`"),
        (status = 412, description = "No longer that version: `users.changed`"),
    )
)]
#[delete("/users/{id}")]
pub(super) async fn delete(
    users: Data<Users>,
    Caller(caller): Caller,
    PathId(id): PathId<id::User>,
    conditions: Preconditions,
) -> palisade_http::Result<HttpResponse> {
    users.delete(&caller, id, answer::expected(conditions)).await?;
    Ok(HttpResponse::NoContent().finish())
}
