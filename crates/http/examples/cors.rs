//! Lets the scripts of one other origin read answers, with cookies.
//!
//! `curl -i -H 'Origin: http://localhost:3000' localhost:8080`

use actix_web::{App, HttpServer, web};
use palisade_http::{
    Layer as _,
    cors::{Cors, Origins},
};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cors = Cors::new(Origins::parse(&["http://localhost:3000"])?).with_credentials()?;
    let app = move || {
        App::new()
            .route("/", web::get().to(|| async { "Read me\n" }))
            .wrap(cors.headers().then(cors.preflights()).layered())
    };
    Ok(HttpServer::new(app).bind(("localhost", 8080))?.run().await?)
}
