//! `/setup/{token}`: opening the link shows a form, sending the form makes the admin. Opening alone changes nothing,
//! because mail scanners and link previews open links too.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY},
    post,
    web::{Data, Path},
};
use palisade_http::{
    extract::{FormOrBody, Later},
    rate_limit::{Quota, RateLimit, credential_limit},
};
use palisade_users::{SignUp, User};
use utoipa_actix_web::service_config::ServiceConfig;

use super::page;
use crate::compose::Parts;

/// The routes of the link, at the root.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(show).service(make);
}

/// The form that makes the first administrator.
#[utoipa::path(
    tag = "setup",
    operation_id = "setup_show",
    security(()),
    params(("token" = String, Path, description = "The token of the link shown at start")),
    responses(
        (status = 200, description = "The form", body = String, content_type = "text/html"),
        (status = 410, description = "The link has been used or is too old")
    )
)]
#[get("/setup/{token}", wrap = "throttle()")]
async fn show(parts: Data<Parts>, token: Path<String>) -> palisade_http::Result<HttpResponse> {
    parts.first_admin.check(&token, parts.foundation.clock.as_ref())?;
    Ok(html(HttpResponse::Ok(), page::form()))
}

/// Makes the first administrator. The link works once.
#[utoipa::path(
    tag = "setup",
    operation_id = "setup_make",
    security(()),
    params(("token" = String, Path, description = "The token of the link shown at start")),
    request_body(content(
        (SignUp = "application/json"),
        (SignUp = "application/x-www-form-urlencoded")
    )),
    responses(
        (status = 201, description = "The administrator", body = User),
        (status = 409, description = "The address or the username is taken"),
        (status = 410, description = "The link has been used or is too old")
    )
)]
#[post("/setup/{token}", wrap = "throttle()")]
async fn make(
    parts: Data<Parts>,
    request: HttpRequest,
    token: Path<String>,
    body: Later<FormOrBody<SignUp>>,
) -> palisade_http::Result<HttpResponse> {
    let clock = parts.foundation.clock.as_ref();
    // Before the body is read: anyone may call this, and hardly anyone has the link.
    parts.first_admin.check(&token, clock)?;
    let FormOrBody(sign_up) = body.read().await?;
    let user = parts.first_admin.make(&token, sign_up, &parts.services.users, clock).await?;
    if wants_html(&request) {
        return Ok(html(HttpResponse::Created(), page::done(&parts.foundation.settings.app.api_prefix)));
    }
    Ok(HttpResponse::Created().json(user))
}

/// Attempts to use a link from an address. The token cannot be guessed; each attempt with a right one costs a password
/// hash.
fn throttle() -> RateLimit {
    credential_limit("setup", Quota::per_minute(10)).also(Quota::per_hour(50))
}

fn wants_html(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The address of the page is a secret: it may be kept in no cache and told to no other site.
fn html(mut answer: actix_web::HttpResponseBuilder, body: String) -> HttpResponse {
    answer
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, page::policy()))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .body(body)
}
