//! Compressed responses and request bodies: `cargo run -p palisade-http --example compression`, then
//! `curl -i --compressed http://127.0.0.1:8080/` and
//! `echo hello | gzip | curl -H 'Content-Encoding: gzip' --data-binary @- http://127.0.0.1:8080/`.

use actix_web::{App, HttpResponse, HttpServer, web};
use palisade_http::{
    Layer as _, body_limit::BodyLimit, coders::Coders, compression::Compression,
    decompression::Decompression, layers,
};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let coders = Coders::default();
    HttpServer::new(move || {
        let layers = layers![
            Compression::new(coders.clone()),
            BodyLimit::new(64 * 1024),
            Decompression::new(coders.clone()),
        ];
        App::new()
            .route(
                "/",
                web::get().to(|| async {
                    HttpResponse::Ok().content_type("text/plain").body("hello ".repeat(1_000))
                }),
            )
            .route("/", web::post().to(|body: web::Bytes| async move { body }))
            .wrap(layers.layered())
    })
    .bind(("127.0.0.1", 8080))?
    .run()
    .await
}
