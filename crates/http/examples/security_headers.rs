//! An API whose answers tell browsers what not to do, and a page that brings the policy it needs.
//!
//! `curl -i localhost:8080`

use actix_web::{App, HttpResponse, HttpServer, http::header::CONTENT_SECURITY_POLICY, web};
use palisade_http::{Layer as _, security_headers::SecurityHeaders};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let app = || {
        App::new()
            .route("/", web::get().to(|| async { "An answer\n" }))
            .route("/page", web::get().to(page))
            .wrap(SecurityHeaders::new().with_hsts().layered())
    };
    HttpServer::new(app).bind(("localhost", 8080))?.run().await
}

async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; img-src 'self'"))
        .content_type("text/html")
        .body("<img src=/logo.png>")
}
