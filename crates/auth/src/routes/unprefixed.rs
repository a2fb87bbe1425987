//! The address that sign-in had in earlier versions.
#![expect(deprecated, reason = "the attribute makes the API document call the route deprecated")]

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderName, HeaderValue, LINK},
    post,
    web::Data,
};
use palisade_http::extract::FormOrBody;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    body::{Credentials, LoginBody, LoginForm, TokenPair},
    public::sign_in,
    throttles,
};
use crate::Auth;

/// RFC 9745 §2: since when the route is deprecated, 2026-11-20 as a structured date.
const DEPRECATED_SINCE: HeaderValue = HeaderValue::from_static("@1795132800");
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

/// Where the deprecated login points to.
struct Successor(String);

/// Serves `POST /auth/login` beside its successor under `api_prefix`.
pub(super) fn configure(api_prefix: &str, config: &mut ServiceConfig<'_>) {
    let link = format!("<{api_prefix}/auth/login>; rel=\"successor-version\"");
    config.app_data(Data::new(Successor(link))).service(login_without_prefix);
}

/// The address of earlier versions. Use `POST /auth/login` under the API prefix.
#[utoipa::path(
    tag = "auth",
    operation_id = "auth_login_without_prefix",
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
#[deprecated]
#[post("/auth/login", wrap = "throttles::login()")]
async fn login_without_prefix(
    auth: Data<Auth>,
    successor: Data<Successor>,
    request: HttpRequest,
    FormOrBody(credentials): FormOrBody<Credentials>,
) -> palisade_http::Result<HttpResponse> {
    let mut response = sign_in(&auth, &request, credentials).await?;
    let headers = response.headers_mut();
    headers.insert(DEPRECATION, DEPRECATED_SINCE);
    if let Ok(link) = HeaderValue::from_str(&successor.0) {
        headers.insert(LINK, link);
    }
    Ok(response)
}
