//! `/setup/{token}`: opening the link shows a form, sending the form makes the admin. Opening alone changes nothing,
//! because mail scanners and link previews open links too.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY},
    post,
    web::{Data, Path},
};
use palisade_core::prefix::SETUP_TOKEN;
use palisade_http::{
    documented::HtmlPage,
    extract::{FormOrBody, Later},
    rate_limit::{Quota, RateLimit, credential_limit},
};
use palisade_users::{SignUp, User};
use utoipa_actix_web::service_config::ServiceConfig;

use super::page;
use crate::compose::Parts;

/// What the group of these routes is for, by its name in the API document.
pub const TAGS: &[(&str, &str)] = &[("setup", "The one-time link that makes the first administrator.")];

/// The schema of the token.
enum SetupToken {}

palisade_core::text_schema! {
    SetupToken as "SetupToken", SETUP_TOKEN.len() + 43..=SETUP_TOKEN.len() + 43,
    format!("^{SETUP_TOKEN}[A-Za-z0-9_-]{{43}}$"),
    "The token of the link.", format!("{SETUP_TOKEN}{}", "A".repeat(43)),
}

/// The routes of the link, at the root.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(show).service(make);
}

/// Show the set-up form
///
/// The form that makes the first administrator.
#[utoipa::path(
    tag = "setup",
    operation_id = "setup_show",
    security(()),
    params(("token" = inline(SetupToken), Path, description = "The token of the link shown at start")),
    responses(
        (status = 200, description = "The form", body = HtmlPage, content_type = "text/html"),
        (status = 410, description = "The link has been used or is too old: `setup.link_used`")
    )
)]
#[get("/setup/{token}", wrap = "throttle()")]
async fn show(parts: Data<Parts>, token: Path<String>) -> palisade_http::Result<HttpResponse> {
    parts.first_admin.check(&token, parts.foundation.clock.as_ref())?;
    Ok(html(HttpResponse::Ok(), page::form()))
}

/// Make the first administrator
///
/// The link works once.
#[utoipa::path(
    tag = "setup",
    operation_id = "setup_make",
    security(()),
    params(("token" = inline(SetupToken), Path, description = "The token of the link shown at start")),
    request_body(content(
        (SignUp = "application/json"),
        (SignUp = "application/x-www-form-urlencoded")
    )),
    responses(
        (status = 201, description = "The administrator", body = User),
        (status = 409, description = "Taken: `users.email_taken` or `users.username_taken`"),
        (status = 410, description = "The link has been used or is too old: `setup.link_used`")
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
