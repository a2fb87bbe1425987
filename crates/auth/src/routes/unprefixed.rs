//! The address that sign-in had in earlier versions.
#![expect(deprecated, reason = "the attribute makes the API document call the route deprecated")]

use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use palisade_http::extract::FormOrBody;

use super::{
    body::{Credentials, LoginBody, LoginForm, TokenPair},
    public::sign_in,
    throttles,
};
use crate::Auth;

/// Sign in at the old address
///
/// The address of earlier versions. Use `POST /auth/login` under the API prefix.
#[utoipa::path(
    tag = "auth",
    operation_id = "auth_login_without_prefix",
    security(()),
    extensions(("x-deprecation" = json!({"since": "2026-11-20", "successor": "auth/login"}))),
    request_body(content(
        (LoginBody = "application/json"),
        (LoginForm = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "Signed in", body = TokenPair),
        (status = 401, description = "Wrong, unknown or disabled, all told alike: `auth.invalid_credentials`")
    )
)]
#[deprecated]
#[post("/auth/login", wrap = "throttles::login()")]
pub(super) async fn login_without_prefix(
    auth: Data<Auth>,
    request: HttpRequest,
    FormOrBody(credentials): FormOrBody<Credentials>,
) -> palisade_http::Result<HttpResponse> {
    sign_in(&auth, &request, credentials).await
}
