//! Two requests at once and two that wait: `cargo run -p palisade-http --example load_shed`, then
//! `for i in $(seq 8); do curl -si http://127.0.0.1:8080/work & done; curl -i http://127.0.0.1:8080/health; wait`.

use std::{num::NonZeroU32, time::Duration};

use actix_web::{App, HttpServer, error::BlockingError, get, http::Method, web};
use palisade_http::{
    Layer as _,
    exempt_routes::ExemptRoutes,
    load_shed::{Bounds, Capacity, LoadShed},
};

fn fibonacci(number: u64) -> u64 {
    if number < 2 { number } else { fibonacci(number - 1) + fibonacci(number - 2) }
}

#[get("/work")]
async fn work() -> Result<String, BlockingError> {
    Ok(web::block(|| fibonacci(42)).await?.to_string())
}

#[get("/health")]
async fn health() -> &'static str {
    "always answered\n"
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let in_flight = NonZeroU32::MIN.saturating_add(1);
    // Made once, so that all workers share it.
    let capacity = Capacity::new(Bounds { in_flight, queued: 2, patience: Duration::from_secs(1) });
    let exempt = ExemptRoutes::new([(Method::GET, "/health")]);
    let server = HttpServer::new(move || {
        let load_shed = LoadShed::new(capacity.clone(), exempt.clone());
        App::new().service(work).service(health).wrap(load_shed.layered())
    });
    server.bind(("127.0.0.1", 8080))?.run().await
}
