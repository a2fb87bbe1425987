//! Rate limits in an app of its own: `cargo run -p palisade-http --example rate_limit`, then
//! `for i in 1 2 3 4; do curl -i http://127.0.0.1:8080/login -X POST; done`.

use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, get, post};
use palisade_core::{ErrorFormat, SystemClock};
use palisade_http::{
    Layer as _,
    rate_limit::{Limits, Quota, credential_limit, limit},
    renderer::Renderer,
};
use palisade_ratelimit::{MemoryOptions, MemoryRateLimiter, Timeline};

#[get("/")]
async fn index() -> &'static str {
    "sixty a minute\n"
}

/// Three a minute of its own, beside what the whole app has.
#[post("/login", wrap = "credential_limit(\"login\", Quota::per_minute(3))")]
async fn login() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

#[get("/health")]
async fn health() -> &'static str {
    "never limited\n"
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let clock = Arc::new(SystemClock);
    let limiter = MemoryRateLimiter::new(Timeline::steady(&*clock), MemoryOptions::default());
    // Made once, so that all workers count together.
    let limits = Limits::new(Arc::new(limiter), clock.clone());
    let server = HttpServer::new(move || {
        let whole = limit("app", Quota::per_minute(60)).also(Quota::per_hour(1_000)).except("/health");
        let layers = Renderer::new(ErrorFormat::Envelope, clock.clone()).then(whole);
        App::new()
            .app_data(limits.clone())
            .service(index)
            .service(login)
            .service(health)
            .wrap(layers.layered())
    });
    server.bind(("127.0.0.1", 8080))?.run().await
}
