//! A route that goes away and says so: `cargo run -p palisade-http --example deprecation`, then
//! `curl -i http://127.0.0.1:8080/old` and the same for `/new`.
#![expect(deprecated, reason = "the attribute makes the API document call the route deprecated")]

use actix_web::{App, HttpServer, get};
use palisade_http::{Layer as _, deprecation::Deprecations};
use utoipa_actix_web::AppExt as _;

#[utoipa::path(
    responses((status = 200, description = "A greeting", body = String)),
    extensions(("x-deprecation" = json!({"since": "2026-11-20", "sunset": "2027-06-01", "successor": "/new"}))),
)]
#[deprecated]
#[get("/old")]
async fn old() -> &'static str {
    "Use /new\n"
}

#[utoipa::path(responses((status = 200, description = "A greeting", body = String)))]
#[get("/new")]
async fn new() -> &'static str {
    "Hello\n"
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let document = App::new().into_utoipa_app().service(old).service(new).split_for_parts().1;
    // A declaration that makes no sense ends the program here.
    let deprecations = Deprecations::from_openapi(&document, "")?;
    let server =
        HttpServer::new(move || App::new().service(old).service(new).wrap(deprecations.layer().layered()));
    Ok(server.bind(("127.0.0.1", 8080))?.run().await?)
}
