//! One spelling for each address, and only JSON in bodies: `cargo run -p palisade-http --example content`, then
//! `curl -i --path-as-is http://127.0.0.1:8080/hello/../hello` and `curl -i -d x=y http://127.0.0.1:8080/hello`.

use actix_web::{App, HttpRequest, HttpServer, http::Method, web};
use palisade_http::{
    Layer as _,
    content::{Content, MediaTypes},
};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let types = MediaTypes::parse(["application/json"]).map_err(std::io::Error::other)?;
    let content = Content::new().with_types(Method::POST, types);
    HttpServer::new(move || {
        App::new()
            .route("/{name}", web::get().to(|request: HttpRequest| async move { request.path().to_owned() }))
            .route("/{name}", web::post().to(|body: web::Bytes| async move { body }))
            .wrap(content.clone().layered())
    })
    .bind(("127.0.0.1", 8080))?
    .run()
    .await
}
