//! `/setup/{token}`: opening the link shows a form, sending the form makes the admin. Opening alone changes nothing,
//! because mail scanners and link previews open links too.

use std::sync::Arc;

use actix_web::{
    HttpResponse, get,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use palisade_core::{Error, prefix::SETUP_TOKEN};
use palisade_http::{
    Layer,
    extract::Later,
    layer::Layered,
    layers,
    rate_limit::{Quota, credential_limit},
};
use palisade_openapi::schema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Setup,
    answer::{self, RefusalPages},
    form::{Entry, Typed},
    page::{self, Site},
};
use crate::{SignUp, User};

/// What the group of these routes is for, by its name in the API document.
pub(crate) const TAGS: &[(&str, &str)] =
    &[("setup", "The one-time link that makes the first administrator.")];

/// The schema of the token.
enum SetupToken {}

palisade_core::text_schema! {
    SetupToken as "SetupToken", SETUP_TOKEN.len() + 43..=SETUP_TOKEN.len() + 43,
    format!("^{SETUP_TOKEN}[A-Za-z0-9_-]{{43}}$"),
    "The token of the link.", format!("{SETUP_TOKEN}{}", "A".repeat(43)),
}

/// The routes of the link, at the root.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
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
        (status = 200, description = "The form", body = schema::HtmlPage, content_type = "text/html"),
        (status = 410, description = "The link has been used or is too old: `setup.link_used`")
    )
)]
#[get("/setup/{token}", wrap = "layers()")]
async fn show(setup: Data<Arc<Setup>>, token: Path<String>) -> palisade_http::Result<HttpResponse> {
    setup.link.check(&token, &*setup.clock)?;
    Ok(answer::page(StatusCode::OK, Site::of(&setup).form(&Typed::default(), &[])))
}

/// Make the first administrator
///
/// The link works once. A browser, whose `Accept` prefers `text/html`, gets pages: what is wrong stands at its field of
/// the form.
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
#[post("/setup/{token}", wrap = "layers()")]
async fn make(
    setup: Data<Arc<Setup>>,
    token: Path<String>,
    body: Later<Entry>,
) -> palisade_http::Result<HttpResponse> {
    // Before the body is read: anyone may call this, and hardly anyone has the link.
    setup.link.check(&token, &*setup.clock)?;
    match body.read().await? {
        Entry::Program(sign_up) => {
            Ok(HttpResponse::Created().json(make_admin(&setup, &token, sign_up).await?))
        }
        Entry::Form(typed) => submit(&setup, &token, &typed).await,
    }
}

/// The page after the form was sent: that it is done, or the form again.
async fn submit(setup: &Setup, token: &str, typed: &Typed) -> palisade_http::Result<HttpResponse> {
    let made = match typed.sign_up() {
        Ok(sign_up) => make_admin(setup, token, sign_up).await,
        Err(error) => Err(error),
    };
    let site = Site::of(setup);
    let Err(error) = made else { return Ok(answer::page(StatusCode::CREATED, site.done())) };
    match page::problems(&error) {
        problems if problems.is_empty() => Err(error.into()),
        problems => Ok(answer::failed(error, site.form(typed, &problems))),
    }
}

async fn make_admin(setup: &Setup, token: &str, sign_up: SignUp) -> Result<User, Error> {
    setup.link.make(token, sign_up, &setup.users, &*setup.clock).await
}

/// Attempts to use a link are counted by address, and refused with a page. The token cannot be guessed; each attempt with
/// a right one costs a password hash.
fn layers() -> Layered<impl Layer> {
    let throttle = credential_limit("setup", Quota::per_minute(10)).also(Quota::per_hour(50));
    layers![RefusalPages, throttle].layered()
}
