//! The route for those who are not signed in.

use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use palisade_http::{
    extract::{Body, Later},
    rate_limit::{Quota, RateLimit, credential_limit},
};
use palisade_openapi::schema;

use super::answer;
use crate::{SignUp, User, Users};

/// Sign up
///
/// The new user has the role `user`; the address is not proved yet.
#[utoipa::path(
    tag = "auth",
    operation_id = "users_register",
    security(()),
    request_body = SignUp,
    responses(
        (status = 201, description = "Signed up", body = User, headers(
            ("Location" = inline(schema::Location), description = "Where the user is found"),
            ("ETag" = inline(schema::ETag), description = "The version, for If-Match"),
        )),
        (status = 403, description = "Registration is closed: `users.registration_closed`"),
        (status = 409, description = "Taken: `users.email_taken` or `users.username_taken`"),
    )
)]
#[post("/auth/register", wrap = "throttle()")]
pub(super) async fn register(
    users: Data<Users>,
    request: HttpRequest,
    body: Later<Body<SignUp>>,
) -> palisade_http::Result<HttpResponse> {
    users.may_register()?;
    let Body(body) = body.read().await?;
    Ok(answer::created(&request, "/auth/register", &users.register(body).await?))
}

/// Accounts from one address: each costs a password hash and a row, and says whether an address is known here.
fn throttle() -> RateLimit {
    credential_limit("register", Quota::per_minute(10)).also(Quota::per_hour(50))
}
