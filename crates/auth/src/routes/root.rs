//! Routes outside the API prefix.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, HeaderName, HeaderValue, LINK},
    post,
    web::Data,
};
use palisade_http::extract::FormOrBody;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    body::{Credentials, LoginBody, LoginForm, TokenPair},
    public::sign_in,
};
use crate::Auth;

/// RFC 9745 §2: since when the route is deprecated, 2026-11-20 as a structured date.
const DEPRECATED_SINCE: HeaderValue = HeaderValue::from_static("@1795132800");
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

/// Where the deprecated login points to.
struct Successor(String);

/// The routes outside the API prefix: `GET /.well-known/jwks.json`, and the deprecated `POST /auth/login`
/// whose successor lies under `api_prefix`, such as `/api/v1`.
#[expect(deprecated, reason = "the documents call the route deprecated; it is still served")]
pub fn configure_root(api_prefix: &str) -> impl FnOnce(&mut ServiceConfig<'_>) + use<> {
    let link = format!("<{api_prefix}/auth/login>; rel=\"successor-version\"");
    move |config: &mut ServiceConfig<'_>| {
        config.app_data(Data::new(Successor(link))).service(jwks).service(login_without_prefix);
    }
}

/// A set of public keys (RFC 7517 §5).
#[derive(Serialize, ToSchema)]
#[schema(as = JwkSet)]
struct JwkSet<'a> {
    /// The keys that verify access tokens; none while they are signed with a shared secret.
    #[schema(value_type = Vec<Object>)]
    keys: Vec<&'a jsonwebtoken::jwk::Jwk>,
}

/// The public keys that verify access tokens.
#[utoipa::path(
    tag = "auth",
    operation_id = "auth_jwks",
    security(()),
    responses((status = 200, description = "The keys", body = JwkSet<'static>))
)]
#[get("/.well-known/jwks.json")]
async fn jwks(auth: Data<Auth>) -> HttpResponse {
    let keys = auth.keys().public().collect();
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(JwkSet { keys })
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
    responses((status = 200, description = "Signed in", body = TokenPair))
)]
#[deprecated]
#[post("/auth/login")]
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
