//! The route that changes the caller's password.

use actix_web::{HttpResponse, post, web::Data};
use palisade_http::extract::Body;

use palisade_http::access::Caller;

use super::{
    body::{PasswordChange, session_changed},
    throttles,
};
use crate::Auth;

/// Change password
///
/// Sets a new password and ends the caller's other sessions.
#[utoipa::path(
    tag = "auth",
    operation_id = "auth_password_change",
    security(("bearer" = [])),
    request_body = PasswordChange,
    responses((status = 204, description = "The new password holds"))
)]
#[post("/auth/password/change", wrap = "throttles::password_change()")]
pub(super) async fn change(
    auth: Data<Auth>,
    Caller(caller): Caller,
    Body(body): Body<PasswordChange>,
) -> palisade_http::Result<HttpResponse> {
    auth.change_password(&caller, body.current_password, body.new_password).await?;
    Ok(session_changed())
}
