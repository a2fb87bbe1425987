//! Routes outside the API prefix.

use actix_web::{HttpResponse, get, http::header::CACHE_CONTROL, web::Data};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::unprefixed::login_without_prefix;
use crate::Auth;

/// The routes outside the API prefix: `GET /.well-known/jwks.json`, and the deprecated `POST /auth/login`.
pub fn configure_root(config: &mut ServiceConfig<'_>) {
    config.service(jwks).service(login_without_prefix);
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
