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
    #[schema(value_type = Vec<PublicKey>, max_items = 16)]
    keys: Vec<&'a jsonwebtoken::jwk::Jwk>,
}

/// A public key (RFC 7517 §4). Its further members depend on `kty`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the API documents only")]
struct PublicKey {
    /// The family of the key.
    #[schema(pattern = "^[A-Za-z]+$", max_length = 16, example = "EC")]
    kty: String,
    /// The name by which tokens refer to it.
    #[schema(pattern = "^[A-Za-z0-9_-]+$", max_length = 128, example = "k1")]
    kid: Option<String>,
}

/// List signing keys
///
/// The public keys that verify access tokens (RFC 7517).
#[utoipa::path(
    tag = "keys",
    operation_id = "auth_jwks",
    security(()),
    responses((status = 200, description = "The keys", body = JwkSet<'static>))
)]
#[get("/.well-known/jwks.json")]
async fn jwks(auth: Data<Auth>) -> HttpResponse {
    let keys = auth.keys().public().collect();
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(JwkSet { keys })
}
