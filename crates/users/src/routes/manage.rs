//! Routes for who manages users.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web::Data};
use palisade_auth::http::Caller;
use palisade_core::{Page, UserId, id};
use palisade_http::extract::{Body, PathId, Preconditions, Query};
use palisade_openapi::schema;

use super::answer;
use crate::{ListUsers, NewUser, User, Users};

/// A page of users, by a name of its own: utoipa takes a generic type apart and repeats the user in it.
type UserPage = Page<User>;

/// List users
///
/// A page of users in the order asked for, filtered as asked for.
#[utoipa::path(
    tag = "users",
    operation_id = "users_list",
    security(("bearer" = ["users:read"])),
    params(ListUsers),
    responses((status = 200, description = "A page", body = UserPage))
)]
#[get("/users")]
pub(super) async fn list(
    users: Data<Users>,
    Query(asked): Query<ListUsers>,
) -> palisade_http::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(users.list(asked).await?))
}

/// Create a user
///
/// Adds a user of any role. A user without a password cannot sign in with one.
#[utoipa::path(
    tag = "users",
    operation_id = "users_create",
    security(("bearer" = ["users:write"])),
    request_body = NewUser,
    responses(
        (status = 201, description = "Added", body = User, headers(
            ("Location" = inline(schema::Location), description = "Where the user is found"),
            ("ETag" = inline(schema::ETag), description = "The version, for If-Match"),
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

/// Delete a user
///
/// Removes a user and ends every session of that user.
#[utoipa::path(
    tag = "users",
    operation_id = "users_delete",
    security(("bearer" = ["users:write"])),
    params(
        ("id" = inline(UserId), Path, description = "The user's id"),
        ("If-Match" = inline(Option<schema::IfMatch>), Header, description = "Remove only this version"),
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
