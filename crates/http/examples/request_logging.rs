//! Requests and answers in the log, masked: `cargo run -p palisade-http --example request_logging`, then
//!
//! ```text
//! curl -H 'Content-Type: application/json' -H 'Authorization: Bearer abc' \
//!     -d '{"email":"ulla@example.com","password":"hunter2"}' 'http://127.0.0.1:8080/echo?token=abc'
//! ```
//!
//! Two lines of the target `http.exchange` tell of it, in which neither password nor token nor address is to be read.

use std::{error::Error, io};

use actix_web::{App, HttpResponse, HttpServer, get, post, web::Bytes};
use palisade_core::Environment;
use palisade_http::{Layer as _, request_logging::RequestLogging};
use palisade_telemetry::{Logs, Masker, Settings};

#[post("/echo")]
async fn echo(body: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body)
}

#[get("/health")]
async fn health() -> &'static str {
    "never told\n"
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings { level: "info,http.exchange=debug".to_owned(), ..Settings::default() };
    let (subscriber, _handle) = Logs::to_writer(&settings, Environment::Local, true, io::stdout())?;
    tracing::subscriber::set_global_default(subscriber)?;
    let masker = Masker::new(&settings.masking())?;
    let logging = RequestLogging::new(masker).max_body_size(2_000).except(&["/health".to_owned()]);
    let app = move || App::new().service(echo).service(health).wrap(logging.clone().layered());
    HttpServer::new(app).bind(("127.0.0.1", 8080))?.run().await?;
    Ok(())
}
