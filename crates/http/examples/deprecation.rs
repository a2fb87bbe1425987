//! A route that goes away and says so: `cargo run -p palisade-http --example deprecation`, then
//! `curl -i http://127.0.0.1:8080/old` and the same for `/new`.

use actix_web::{App, HttpServer, get, http::Method};
use palisade_http::{
    Layer as _,
    deprecation::{Deprecation, Deprecations},
};

#[get("/old")]
async fn old() -> &'static str {
    "Use /new\n"
}

#[get("/new")]
async fn new() -> &'static str {
    "Hello\n"
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (since, sunset) = ("2026-11-20".parse()?, "2027-06-01".parse()?);
    let deprecations = Deprecations::default().with(
        Method::GET,
        "/old",
        Deprecation::new(since, Some(sunset), Some("/new"))?,
    );
    let server =
        HttpServer::new(move || App::new().service(old).service(new).wrap(deprecations.layer().layered()));
    Ok(server.bind(("127.0.0.1", 8080))?.run().await?)
}
