//! Bounds on bodies, by address: `cargo run -p palisade-http --example body_limit`, then
//! `head -c 2000 /dev/zero | curl -i --data-binary @- http://127.0.0.1:8080/notes` and the same to `/uploads`.

use std::time::Duration;

use actix_web::{App, HttpServer, web};
use palisade_http::{Layer as _, body_limit::BodyLimit};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    HttpServer::new(|| {
        let limit = BodyLimit::new(1_000).under("/uploads", 1_000_000).within(Duration::from_secs(10));
        App::new()
            .route("/{name}", web::post().to(|body: web::Bytes| async move { body.len().to_string() }))
            .wrap(limit.layered())
    })
    .bind(("127.0.0.1", 8080))?
    .run()
    .await
}
