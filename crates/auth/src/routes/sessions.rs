//! Routes that list and end the caller's sessions.

use actix_web::{HttpResponse, delete, get, post, web::Data};
use palisade_core::{SessionId, id};
use palisade_http::extract::PathId;

use palisade_http::access::Caller;

use super::body::{SessionBody, Sessions, session_changed};
use crate::Auth;

/// Sign out
///
/// Ends this session: its access and refresh tokens are dead within a second.
#[utoipa::path(
    tag = "auth",
    operation_id = "auth_logout",
    security(("bearer" = [])),
    responses((status = 204, description = "Signed out"))
)]
#[post("/auth/logout")]
pub(super) async fn logout(auth: Data<Auth>, Caller(caller): Caller) -> palisade_http::Result<HttpResponse> {
    auth.logout(&caller).await?;
    Ok(session_changed())
}

/// Sign out everywhere
///
/// Ends every session of the caller.
#[utoipa::path(
    tag = "auth",
    operation_id = "auth_logout_all",
    security(("bearer" = [])),
    responses((status = 204, description = "Signed out everywhere"))
)]
#[post("/auth/logout-all")]
pub(super) async fn logout_all(
    auth: Data<Auth>,
    Caller(caller): Caller,
) -> palisade_http::Result<HttpResponse> {
    auth.logout_all(caller.user_id()?).await?;
    Ok(session_changed())
}

/// List sessions
///
/// The caller's live sessions, the most recently used first, at most 100.
#[utoipa::path(
    tag = "auth",
    operation_id = "auth_sessions",
    security(("bearer" = [])),
    responses((status = 200, description = "The sessions", body = Sessions))
)]
#[get("/auth/sessions")]
pub(super) async fn list(auth: Data<Auth>, Caller(caller): Caller) -> palisade_http::Result<HttpResponse> {
    let current = caller.session_id()?;
    let sessions = auth.sessions(caller.user_id()?).await?.into_iter();
    let sessions: Vec<_> = sessions.map(|session| SessionBody::new(session, current)).collect();
    Ok(HttpResponse::Ok().json(sessions))
}

/// End a session
///
/// Ends one of the caller's sessions.
#[utoipa::path(
    tag = "auth",
    operation_id = "auth_session_revoke",
    security(("bearer" = [])),
    params(("id" = inline(SessionId), Path, description = "The session's id")),
    responses(
        (status = 204, description = "The session has ended"),
        (status = 404, description = "There is no such session: `auth.session_not_found`")
    )
)]
#[delete("/auth/sessions/{id}")]
pub(super) async fn revoke(
    auth: Data<Auth>,
    Caller(caller): Caller,
    PathId(id): PathId<id::Session>,
) -> palisade_http::Result<HttpResponse> {
    auth.revoke(caller.user_id()?, id).await?;
    Ok(session_changed())
}
