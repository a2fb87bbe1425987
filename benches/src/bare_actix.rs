//! The ceiling: actix-web with nothing around two handlers. `bare-actix 127.0.0.1:8100` serves on one worker.

use actix_web::{App, HttpResponse, HttpServer, Responder, get, web};
use serde::Serialize;

#[derive(Clone, Serialize)]
struct User {
    id: &'static str,
    email: &'static str,
    username: &'static str,
    name: &'static str,
    roles: [&'static str; 1],
    status: &'static str,
    created_at: &'static str,
    updated_at: &'static str,
}

const USER: User = User {
    id: "0199aa00-0000-7000-8000-000000000000",
    email: "bench@example.com",
    username: "bench",
    name: "Bench Mark",
    roles: ["user"],
    status: "active",
    created_at: "2026-11-20T12:00:00.000000Z",
    updated_at: "2026-11-20T12:00:00.000000Z",
};

#[get("/health")]
async fn health() -> impl Responder {
    HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#)
}

#[get("/api/v1/users/{id}")]
async fn user(_id: web::Path<String>) -> impl Responder {
    HttpResponse::Ok().json(USER)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8100".to_owned());
    HttpServer::new(|| App::new().service(health).service(user)).workers(1).bind(address)?.run().await
}
