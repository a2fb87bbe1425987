//! Routes for those who are not signed in.

use actix_web::{HttpRequest, HttpResponse, http::header::USER_AGENT, post, web::Data};
use palisade_http::{
    client_address::ClientIp,
    extract::{Body, FormOrBody},
};

use super::{
    body::{Credentials, LoginBody, LoginForm, RefreshBody, TokenPair, token_response},
    throttles,
};
use crate::{Auth, ClientInfo};

/// Sign in
///
/// Takes an e-mail address or a username. Every failure is the same 401.
#[utoipa::path(
    tag = "auth",
    operation_id = "auth_login",
    security(()),
    request_body(content(
        (LoginBody = "application/json"),
        (LoginForm = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "Signed in", body = TokenPair),
        (status = 401, description = "Wrong, unknown or disabled, all told alike: `auth.invalid_credentials`")
    )
)]
#[post("/auth/login", wrap = "throttles::login()")]
pub(super) async fn login(
    auth: Data<Auth>,
    request: HttpRequest,
    FormOrBody(credentials): FormOrBody<Credentials>,
) -> palisade_http::Result<HttpResponse> {
    sign_in(&auth, &request, credentials).await
}

/// Refresh tokens
///
/// Exchanges a refresh token for a new pair. The token is used up: shown again within 10 seconds it gives the same
/// refresh token, shown later it ends the session.
#[utoipa::path(
    tag = "auth",
    operation_id = "auth_refresh",
    security(()),
    request_body = RefreshBody,
    responses(
        (status = 200, description = "A new pair", body = TokenPair),
        (status = 401, description = "Unknown, expired, used or revoked: `auth.invalid_refresh_token`")
    )
)]
#[post("/auth/refresh", wrap = "throttles::refresh()")]
pub(super) async fn refresh(
    auth: Data<Auth>,
    Body(body): Body<RefreshBody>,
) -> palisade_http::Result<HttpResponse> {
    Ok(token_response(&auth.refresh(&body.refresh_token).await?))
}

pub(super) async fn sign_in(
    auth: &Auth,
    request: &HttpRequest,
    credentials: Credentials,
) -> palisade_http::Result<HttpResponse> {
    let user_agent = request.headers().get(USER_AGENT);
    let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let client = ClientInfo::new(user_agent.as_deref(), Some(ClientIp::of(request).0));
    let (name, password) = credentials.into_parts();
    Ok(token_response(&auth.login(&name, password, client).await?))
}
